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
      'schema:Prints the JSON Schema of pipeline files'
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
      'serve:Serves a team'
      'agent:Makes this machine run jobs of a server'
      'agents:Lists the agents of a server'
      'repo:Says which repositories a server knows'
      'token:Says who may call a server'
      'doctor:Tells what this machine offers for isolating jobs, and how to get the rest'
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
        '--explain:also where each value of a stage was written: file and line'
        '--event:whether this event would start a run, and why; then what that run would do'
        '--branch:event: the branch that is pushed, or that a pull request goes to'
        '--tag:event: the tag that is pushed'
        '--changed:event: a path that it changes; may be repeated; default: not known'
        '--schedule:event: which schedule fires; also shows when it does next'
        '--env-file:KEY=VALUE lines: where stages find their `secrets`'
        '--secret-from-env:a variable of your environment, for stages that name it in `secrets`; may be repeated'
        '--secret-command:what COMMAND prints, for stages that name it; may be repeated. Others are looked for among those that `pipeline secret set` keeps'
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
        '-n:how many'
        '--limit:how many'
        '--json:one run a line, as JSON'
        '--server:the runs of that server'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      show) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:its events, one a line, as JSON'
      ) ;;
      logs) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:of a run of that server, one job'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
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
      ) ;;
      cancel) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--server:a run of that server'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
      ) ;;
      approve) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '-m:why; kept with the run'
        '--comment:why; kept with the run'
      ) ;;
      reject) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '-m:why; kept with the run'
        '--comment:why; kept with the run'
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
      ) ;;
      artifacts) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--to:get: directory to make; default: NAME'
        '--json:one artifact a line, as JSON'
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
      ) ;;
      rollback) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--to:release number; default: the one before the current'
      ) ;;
      stop) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
      ) ;;
      status) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:one environment a line, as JSON'
      ) ;;
      secret) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--repository:whose: path or URL of a repository; default: the one here'
        '--global:of all repositories; a repository'\''s own goes first'
        '--json:list: one secret a line, as JSON'
      ) ;;
      serve) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--data:everything it keeps; default: PIPELINE_HOME'
        '--listen:where it is called; default: 127.0.0.1:8440'
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
      repo) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--url:add: where it is, for the server; default: the server hosts it'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one repository a line, as JSON'
      ) ;;
      token) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--scope:add: what it may do: read, run, approve, deploy, agent or admin; may be repeated'
        '--server:which one; default: PIPELINE_SERVER'
        '--token-file:holds the token for the server; default: PIPELINE_TOKEN'
        '--ca-file:certificate of the authority that vouches for the server, in PEM'
        '--json:list: one token a line, as JSON'
      ) ;;
      doctor) flags=(
        '-h:this text'
        '--help:this text'
        '--no-color:no colour, whatever the output is'
        '--json:as JSON'
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
