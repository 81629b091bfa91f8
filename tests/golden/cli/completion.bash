# bash completion for pipeline. Try it:  source <(pipeline completion bash)
# To keep it:  pipeline completion bash > ~/.local/share/bash-completion/completions/pipeline
_pipeline() {
  local line=${COMP_LINE:0:COMP_POINT} current= command= prefix= as=words word candidate rest
  local -a words=() before=() candidates=()
  COMPREPLY=()
  # Bash breaks words at = and :, which names of jobs contain.
  read -a words <<< "$line"
  case $line in
    *[[:space:]]) ;;
    *) current=${words[-1]}; unset 'words[-1]' ;;
  esac
  before=("${words[@]:1}")
  for word in "${before[@]}"; do
    case $word in
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  local whole=$current
  if [[ -z $command ]]; then
    candidates=(
      run
      check
      schema
      plan
      graph
      init
      runs
      show
      logs
      tests
      attach
      cancel
      approve
      reject
      retry
      artifacts
      deploy
      rollback
      stop
      status
      secret
      toggle
      environment
      serve
      agent
      agents
      schedules
      repo
      token
      user
      group
      role
      pulls
      login
      logout
      whoami
      audit
      notices
      backup
      restore
      gc
      doctor
      completion
      man
      help --help --version --no-color
    )
  elif [[ $current == -* && $current != *=* ]]; then
    case $command in
      run) candidates=(-h --help --no-color --repo --ref --param --stage --no-cache --keep -j --jobs --env-file --secret-from-env --secret-command --sandbox --no-wait -d --detach --json --server --token-file --ca-file --remote) ;;
      check) candidates=(-h --help --no-color --json) ;;
      schema) candidates=(-h --help --no-color) ;;
      plan) candidates=(-h --help --no-color --repo --ref --param --stage --explain --event --branch --tag --changed --schedule --after --env-file --secret-from-env --secret-command --server --token-file --ca-file --json) ;;
      graph) candidates=(-h --help --no-color --dot --json) ;;
      init) candidates=(-h --help --no-color --list --hook) ;;
      runs) candidates=(-h --help --no-color --all --pipeline --branch --status -n --limit --json --server --token-file --ca-file --local) ;;
      show) candidates=(-h --help --no-color --json --server --token-file --ca-file --local) ;;
      logs) candidates=(-h --help --no-color --service -f --follow -n --tail --attempt -t --timestamps --grep -i --ignore-case -C --context --server --token-file --ca-file --local) ;;
      tests) candidates=(-h --help --no-color --failed --slow --flaky --history --json --server --token-file --ca-file --local) ;;
      attach) candidates=(-h --help --no-color -j --jobs --env-file --secret-from-env --secret-command --sandbox --json --server --token-file --ca-file --local) ;;
      cancel) candidates=(-h --help --no-color --server --token-file --ca-file --local) ;;
      approve) candidates=(-h --help --no-color -m --comment --server --token-file --ca-file --local) ;;
      reject) candidates=(-h --help --no-color -m --comment --server --token-file --ca-file --local) ;;
      retry) candidates=(-h --help --no-color --failed --stage -j --jobs --env-file --secret-from-env --secret-command --sandbox --no-wait -d --detach --json --server --token-file --ca-file --local) ;;
      artifacts) candidates=(-h --help --no-color --to --json --server --token-file --ca-file --local) ;;
      deploy) candidates=(-h --help --no-color --resume --pipeline --repo --ref --param --force --server --token-file --ca-file) ;;
      rollback) candidates=(-h --help --no-color --to --server --token-file --ca-file --local) ;;
      stop) candidates=(-h --help --no-color --server --token-file --ca-file --local) ;;
      status) candidates=(-h --help --no-color --json --server --token-file --ca-file --local) ;;
      secret) candidates=(-h --help --no-color --repository --global --json) ;;
      toggle) candidates=(-h --help --no-color --env --clear --json --server --token-file --ca-file --local) ;;
      environment) candidates=(-h --help --no-color --file --server --token-file --ca-file --json) ;;
      serve) candidates=(-h --help --no-color --data --config --listen --tls-certificate --tls-key --public-url --smtp --mail-from --smtp-user --smtp-password-file --oidc-issuer --oidc-client-id --oidc-client-secret-file --oidc-scope --oidc-name-claim --oidc-groups-claim --oidc-ca-file --check --json) ;;
      agent) candidates=(-h --help --no-color --server --token-file --ca-file --data --name --labels --slots --keep-size --once) ;;
      agents) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      schedules) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      repo) candidates=(-h --help --no-color --url --forge --poll --fork-pull-requests --api-token-file --api-url --public-status --wait-for-pipeline --no-force --allow-force --role --server --token-file --ca-file --json) ;;
      token) candidates=(-h --help --no-color --scope --user --labels --server --token-file --ca-file --json) ;;
      user) candidates=(-h --help --no-color --subject --server --token-file --ca-file --json) ;;
      group) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      role) candidates=(-h --help --no-color --repo --env --server --token-file --ca-file --json) ;;
      pulls) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      login) candidates=(-h --help --no-color --with-token --server --token-file --ca-file) ;;
      logout) candidates=(-h --help --no-color --server --token-file --ca-file) ;;
      whoami) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      audit) candidates=(-h --help --no-color --server --token-file --ca-file --tail --json) ;;
      notices) candidates=(-h --help --no-color --server --token-file --ca-file --state --tail --json) ;;
      backup) candidates=(-h --help --no-color --data) ;;
      restore) candidates=(-h --help --no-color --data --check) ;;
      gc) candidates=(-h --help --no-color --data --keep-runs --keep-days --keep-size --dry-run --json) ;;
      doctor) candidates=(-h --help --no-color --json --data --server --token-file --ca-file) ;;
      completion) candidates=(-h --help --no-color) ;;
      man) candidates=(-h --help --no-color) ;;
    esac
  else
    if [[ $current == --*=* ]]; then
      prefix=${current%%=*}=
      before+=("${current%%=*}")
      current=${current#*=}
    fi
    while IFS=$'\t' read -r candidate rest; do
      case $candidate in
        :files) as=files; mapfile -t -O ${#candidates[@]} candidates < <(compgen -f -- "$current") ;;
        :folders) as=files; mapfile -t -O ${#candidates[@]} candidates < <(compgen -d -- "$current") ;;
        *) candidates+=("$candidate") ;;
      esac
    done < <("${words[0]}" __complete "${before[@]}" 2> /dev/null)
  fi
  # What stands before the last = or : bash keeps; it only takes what comes after it.
  local last=${COMP_WORDS[COMP_CWORD]//\\/} kept=
  [[ $last == [=:]* ]] && last=${last#?}
  [[ $whole == *[=:]* ]] && kept=${whole%"$last"}
  for candidate in "${candidates[@]}"; do
    [[ $candidate == "$current"* ]] || continue
    candidate=$prefix$candidate
    candidate=${candidate#"$kept"}
    if [[ $as == words && $candidate == *[][*?{}\ ]* ]]; then
      printf -v candidate %q "$candidate"
    fi
    COMPREPLY+=("$candidate")
  done
  [[ $as == words ]] || compopt -o filenames
}
complete -F _pipeline pipeline
