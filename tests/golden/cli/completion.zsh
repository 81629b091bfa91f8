#compdef pipeline
# zsh completion for pipeline. Try it:  source <(pipeline completion zsh)
# To keep it:  pipeline completion zsh > DIR/_pipeline, with a DIR of your $fpath
_pipeline() {
  local command word line
  local -a before known flags candidates
  before=(${(Q)words[2,CURRENT-1]})
  for word in $before; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  if [[ -z $command && $PREFIX != -* ]]; then
    known=(
      'run:Runs a pipeline on the working tree as it stands'
      'check:Validates pipeline files; without FILE, all of this repository'
      'schema:Prints the JSON Schema of pipeline files, or of server.toml'
      'plan:Tells what a run would do'
      'graph:Shows the stages and what they need'
      'init:Writes a commented starter pipeline to pipeline.toml'
      'runs:Lists the latest runs of this repository, newest first'
      'show:Shows one run'
      'logs:Prints what the jobs of a run printed'
      'tests:Tells what the tests of a run came to'
      'attach:Follows a run that began with --detach to its end, and drives it on when what drove it died'
      'cancel:Stops a run that is under way, from another terminal'
      'approve:Lets a run that waits for approval go on'
      'reject:Ends a run that waits for approval'
      'retry:Runs again what failed, was cancelled or was interrupted, and reuses the rest'
      'artifacts:Lists what a run made, or unpacks it'
      'deploy:Brings an artifact to an environment of the pipeline here'
      'rollback:Puts the previous release of an environment back'
      'stop:Ends all instances of an environment and its switch'
      'status:Tells what serves where'
      'secret:Keeps secrets for stages that name them, encrypted'
      'toggle:Shows the feature toggles of environments, and sets them over what the release says'
      'environment:Keeps environments of a repository on a server, where no branch can change them'
      'serve:Serves a team'
      'agent:Makes this machine run jobs of a server'
      'agents:Lists the agents of a server'
      'schedules:Tells when a server'\''s schedules start runs'
      'repo:Says which repositories a server knows'
      'token:Says who may call a server'
      'user:Says which people a server knows'
      'group:Puts people of a server into groups'
      'role:Says what people and groups may do on a server, in which repository or environment'
      'pulls:Lists pull requests from forks that wait on a server until somebody who may approve has looked at them, and says yes or no to one as it stands'
      'login:Logs in to a server, with a browser where it has an identity provider, and keeps the token for later commands'
      'logout:Ends the session on a server and forgets its token'
      'whoami:Tells who you are to a server, and what that allows'
      'audit:Shows what was changed on a server, when and by whom'
      'notices:Shows what a server told the world of its runs, is to tell, or could not tell'
      'backup:Writes all that a server, or this machine, keeps and could not make again to one file'
      'restore:Makes a state directory of a backup, when all of it is as it was packed'
      'gc:Removes old runs with their logs, and artifacts and outputs that nothing refers to'
      'doctor:Tells what this machine offers for isolating jobs, and how to get the rest; or how a server is, each with the next step'
      'completion:Prints a script that completes commands, options and names in a shell'
      'man:Prints the manual page; `pipeline man | man -l -` shows it'
      'help:Explains a command.'
    )
    _describe -t commands command known
    return
  fi
  if [[ $PREFIX == -* && $PREFIX != *=* ]]; then
    case $command in
      '') flags=('--help:this text' '--version:which one' '--no-color:no colour, whatever the output is') ;;
      run) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--repo:path or URL of another repository; default: the working tree here'
        '--ref:branch, tag or commit instead of the working tree'
        '--param:value of a parameter that the pipeline declares'
        '--stage:only this stage and what it needs; may be repeated'
        '--no-cache:run every stage, also those whose result is known'
        '--keep:leave the workspaces of jobs for inspection'
        '-j:jobs at a time; default: one for each processor'
        '--jobs:jobs at a time; default: one for each processor'
        '--env-file:KEY=VALUE lines: where stages find their `secrets`'
        '--secret-from-env:a variable of your environment, for stages that name it in `secrets`; may be repeated'
        '--secret-command:what COMMAND prints, for stages that name it; may be repeated. Others are looked for among those that `pipeline secret set` keeps'
        '--sandbox:`none` runs commands without isolation, as you'
        '--no-wait:when only approvals are left to wait for, leave with exit code 4'
        '-d:leave at once; the run goes on without this terminal, and survives the death of what drives it'
        '--detach:leave at once; the run goes on without this terminal, and survives the death of what drives it'
        '--json:one event a line, as JSON'
        '--server:run it there, of the repository --repo that it knows by name'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--remote:run the tree as it stands here on a server'\''s agents; --repo says of which of its repositories it is. It gets no secrets and deploys nothing'
      ) ;;
      check) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:what is wrong, as JSON'
      ) ;;
      schema) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
      ) ;;
      plan) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--repo:path or URL of another repository; default: the working tree here'
        '--ref:branch, tag or commit instead of the working tree'
        '--param:value of a parameter that the pipeline declares'
        '--stage:only this stage and what it needs; may be repeated'
        '--explain:also where each value of a stage, and of an environment that it deploys to, was written: file and line, or the server'
        '--event:whether this event would start a run, and why; then what that run would do'
        '--branch:event: the branch that is pushed, that a pull request goes to, or that --after ran on'
        '--tag:event: the tag that is pushed'
        '--changed:event: a path that it changes; may be repeated; default: not known'
        '--schedule:event: which schedule fires; also shows when it does next'
        '--after:event: which pipeline has succeeded'
        '--env-file:KEY=VALUE lines: where stages find their `secrets`'
        '--secret-from-env:a variable of your environment, for stages that name it in `secrets`; may be repeated'
        '--secret-command:what COMMAND prints, for stages that name it; may be repeated. Others are looked for among those that `pipeline secret set` keeps'
        '--server:with the environments that it defines for its repository --repo, which is of the working tree then'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:as JSON'
      ) ;;
      graph) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--dot:in the language of Graphviz'
        '--json:as JSON'
      ) ;;
      init) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--list:the templates there are'
        '--hook:installs a git hook instead, which runs the pipeline before every push'
      ) ;;
      runs) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--all:of every repository; default: of the one here'
        '--pipeline:only of this pipeline'
        '--branch:only of this branch'
        '--status:only those that stand, or ended, like this'
        '-n:how many'
        '--limit:how many'
        '--json:one run a line, as JSON'
        '--server:the runs of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      show) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:its events, one a line, as JSON'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      logs) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--service:what this service of the job printed instead'
        '-f:go on until the job, or the run, is over'
        '--follow:go on until the job, or the run, is over'
        '-n:only the last N lines of each job; with --grep, of those that match'
        '--tail:only the last N lines of each job; with --grep, of those that match'
        '--attempt:which attempt; default: the last'
        '-t:when each line was printed'
        '--timestamps:when each line was printed'
        '--grep:only lines that match this regular expression'
        '-i:grep: small and capital letters alike'
        '--ignore-case:grep: small and capital letters alike'
        '-C:grep: also N lines before and after each'
        '--context:grep: also N lines before and after each'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      tests) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--failed:only what failed'
        '--slow:only the slowest'
        '--flaky:only what passed and failed on one and the same tree, or passed when it was run again'
        '--history:what became of this test in the latest runs; `*` stands for any characters'
        '--json:one test a line, as JSON'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      attach) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '-j:jobs at a time; default: one for each processor'
        '--jobs:jobs at a time; default: one for each processor'
        '--env-file:KEY=VALUE lines: where stages find their `secrets`'
        '--secret-from-env:a variable of your environment, for stages that name it in `secrets`; may be repeated'
        '--secret-command:what COMMAND prints, for stages that name it; may be repeated. Others are looked for among those that `pipeline secret set` keeps'
        '--sandbox:`none` runs commands without isolation, as you'
        '--json:one event a line, as JSON'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      cancel) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      approve) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '-m:why; kept with the run'
        '--comment:why; kept with the run'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      reject) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '-m:why; kept with the run'
        '--comment:why; kept with the run'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      retry) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--failed:what did not succeed (the default)'
        '--stage:this stage and all that needs it; may be repeated'
        '-j:jobs at a time; default: one for each processor'
        '--jobs:jobs at a time; default: one for each processor'
        '--env-file:KEY=VALUE lines: where stages find their `secrets`'
        '--secret-from-env:a variable of your environment, for stages that name it in `secrets`; may be repeated'
        '--secret-command:what COMMAND prints, for stages that name it; may be repeated. Others are looked for among those that `pipeline secret set` keeps'
        '--sandbox:`none` runs commands without isolation, as you'
        '--no-wait:when only approvals are left to wait for, leave with exit code 4'
        '-d:leave at once; the run goes on without this terminal, and survives the death of what drives it'
        '--detach:leave at once; the run goes on without this terminal, and survives the death of what drives it'
        '--json:one event a line, as JSON'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      artifacts) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--to:get: directory to make; default: NAME'
        '--json:one artifact a line, as JSON'
        '--server:a run of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      deploy) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--resume:finish what a killed deployment of this environment left: forward when it was promoted, else back'
        '--pipeline:which pipeline declares ENV'
        '--repo:path or URL of another repository; default: the working tree here'
        '--ref:branch, tag or commit instead of the working tree'
        '--param:value of a parameter that the pipeline declares'
        '--force:even if rolled back here before, or another repository'\''s'
        '--server:to an environment there, of the repository --repo that it knows by name'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      rollback) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--to:release number; default: the one before the current'
        '--server:an environment of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      stop) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:an environment of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      status) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:one environment a line, as JSON'
        '--server:the environments of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      secret) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--repository:whose: path or URL of a repository; default: the one here'
        '--global:of all repositories; a repository'\''s own goes first'
        '--json:list: one secret a line, as JSON'
      ) ;;
      toggle) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--env:environment, or PIPELINE/ENV; list and show: default: all'
        '--clear:set: give it back to the flag file of the release that serves'
        '--json:list, show: one environment a line, as JSON'
        '--server:the environments of that server; default: PIPELINE_SERVER, else this machine'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--local:on this machine, also where PIPELINE_SERVER is set'
      ) ;;
      environment) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--file:set: TOML with a table [environment.ENV], as a pipeline has it; - reads standard input'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list, show: one environment a line, as JSON'
      ) ;;
      serve) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--data:everything it keeps; default: PIPELINE_HOME'
        '--config:its settings; default: server.toml in its directory, if there is one. Options win'
        '--listen:where it is called; default: 127.0.0.1:8440'
        '--tls-certificate:speak HTTPS with this certificate and those that lead to its issuer, as PEM; a new one is taken when the file changes'
        '--tls-key:its key, as PEM'
        '--public-url:where people and their browsers find it; default: where it listens'
        '--smtp:the server that takes its mail: smtp://HOST (with STARTTLS), smtps://HOST, or smtp+plain://HOST without TLS'
        '--mail-from:the address that its mail comes from'
        '--smtp-user:who it logs in there as; default: nobody'
        '--smtp-password-file:holds the user'\''s password'
        '--oidc-issuer:people log in through this identity provider (OpenID Connect)'
        '--oidc-client-id:what it calls this server'
        '--oidc-client-secret-file:the secret that it has given us'
        '--oidc-scope:asked for beside openid and profile; may be repeated'
        '--oidc-name-claim:what of it people are called by; default: preferred_username'
        '--oidc-groups-claim:what of it has their groups; default: groups'
        '--oidc-ca-file:certificates that it may be signed by, as PEM'
        '--check:only whether it could start: settings, certificate, directory, database, address'
        '--json:with --check: as JSON'
      ) ;;
      agent) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--data:everything it keeps; default: PIPELINE_HOME'
        '--name:what it is called; default: the machine'\''s name'
        '--labels:what jobs may ask for, with commas between'
        '--slots:jobs at a time; default: one for each processor'
        '--keep-size:of outputs, artifacts, mirrors and trees it keeps so much for later jobs; what was not used for longest goes first. Default: 20GiB'
        '--once:one job, and then no more'
      ) ;;
      agents) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:one agent a line, as JSON'
      ) ;;
      schedules) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:one schedule a line, as JSON'
      ) ;;
      repo) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--url:add: where it is, for the server; default: the server hosts it'
        '--forge:add: who tells of it by webhooks: github, gitlab, gitea or forgejo'
        '--poll:add: how often the server looks for itself, or never; default: 5m, but never with --forge'
        '--fork-pull-requests:add: what becomes of those that come from forks: approve-first (each commit waits for `pipeline pulls approve`), run or ignore; they get no secrets and deploy nothing; default: approve-first'
        '--api-token-file:set: holds the token that its forge takes commit statuses with; - reads standard input, and an empty one takes the token away'
        '--api-url:set: where its forge is called, such as https://HOST/api/v3; derived, as at first: from its URL'
        '--public-status:set: whether badges and /cctray.xml tell everybody how it is; at first: no'
        '--wait-for-pipeline:protect: a push is kept aside, and becomes the branch'\''s head when the runs that it starts have succeeded'
        '--no-force:protect: no deletion, and nothing but fast-forwards (the default)'
        '--allow-force:protect: deletion and other moves, too, by those who may push'
        '--role:protect: that pushing takes: runner, approver, deployer or admin; default: runner'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one repository a line, as JSON'
      ) ;;
      token) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--scope:add: what it may do: read, run, approve, deploy, agent, flags or admin; may be repeated'
        '--user:add: of that user, whose roles it is no more than; default: of a service, whose scopes hold everywhere'
        '--labels:add: what agents that come with it may have, with commas between; default: any'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one token a line, as JSON'
      ) ;;
      user) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--subject:add: who that is for the identity provider (its `sub`); default: who logs in under a new name is added then'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one user a line, as JSON'
      ) ;;
      group) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one group a line, as JSON'
      ) ;;
      role) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--repo:where; '\''*'\'' is everywhere'
        '--env:only in that environment of it: approver or deployer'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one role a line, as JSON'
      ) ;;
      pulls) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one pull request a line, as JSON'
      ) ;;
      login) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--with-token:take a token from standard input, though there is an identity provider'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      logout) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      whoami) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:as JSON'
      ) ;;
      audit) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--tail:how many of the newest; default: 50'
        '--json:all of it, one change a line, as JSON'
      ) ;;
      notices) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--state:only those that are waiting, sent or failed'
        '--tail:how many of the newest; default: 50'
        '--json:one notice a line, as JSON'
      ) ;;
      backup) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--data:the state directory; default: PIPELINE_HOME'
      ) ;;
      restore) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--data:the state directory, which must not exist or be empty; default: PIPELINE_HOME'
        '--check:only whether the file could be restored'
      ) ;;
      gc) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--data:the state directory; default: PIPELINE_HOME'
        '--keep-runs:the newest of each pipeline stay, whatever their age; default: 200'
        '--keep-days:what ended in the last N days stays, however much it is; default: 30'
        '--keep-size:of each pipeline no more than that, as 20GB, whatever else would stay; the newest run always does'
        '--dry-run:only tell what would go'
        '--json:as JSON'
      ) ;;
      doctor) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:as JSON'
        '--data:look at the server whose state directory this is'
        '--server:look at that server, from here'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      completion) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
      ) ;;
      man) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
      ) ;;
    esac
    _describe -o -t options option flags
    return
  fi
  if [[ $PREFIX == --*=* ]]; then
    before+=(${PREFIX%%=*})
    compset -P 1 '*='
  fi
  for line in ${(f)"$($words[1] __complete $before 2> /dev/null)"}; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      *$'\t'*) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      *) candidates+=("${line//:/\\:}") ;;
    esac
  done
  (( $#candidates )) && _describe -t values value candidates
}
if [[ ${funcstack[1]} == _pipeline ]]; then
  _pipeline "$@"
else
  compdef _pipeline pipeline
fi
