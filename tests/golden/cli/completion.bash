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
      serve
      agent
      agents
      repo
      token
      doctor
      completion
      man
      help --help --version --no-color
    )
  elif [[ $current == -* && $current != *=* ]]; then
    case $command in
      run) candidates=(-h --help --no-color --repo --ref --param --stage --no-cache --keep -j --jobs --env-file --secret-from-env --secret-command --sandbox --no-wait -d --detach --json --server --token-file --ca-file) ;;
      check) candidates=(-h --help --no-color --json) ;;
      schema) candidates=(-h --help --no-color) ;;
      plan) candidates=(-h --help --no-color --repo --ref --param --stage --explain --event --branch --tag --changed --schedule --env-file --secret-from-env --secret-command --json) ;;
      graph) candidates=(-h --help --no-color --dot --json) ;;
      init) candidates=(-h --help --no-color --list --hook) ;;
      runs) candidates=(-h --help --no-color --all -n --limit --json --server --token-file --ca-file) ;;
      show) candidates=(-h --help --no-color --json) ;;
      logs) candidates=(-h --help --no-color --server --token-file --ca-file --service -f --follow -n --tail --attempt -t --timestamps --grep -i --ignore-case -C --context) ;;
      tests) candidates=(-h --help --no-color --failed --slow --flaky --history --json) ;;
      attach) candidates=(-h --help --no-color -j --jobs --env-file --secret-from-env --secret-command --sandbox --json) ;;
      cancel) candidates=(-h --help --no-color --server --token-file --ca-file) ;;
      approve) candidates=(-h --help --no-color -m --comment) ;;
      reject) candidates=(-h --help --no-color -m --comment) ;;
      retry) candidates=(-h --help --no-color --failed --stage -j --jobs --env-file --secret-from-env --secret-command --sandbox --no-wait -d --detach --json) ;;
      artifacts) candidates=(-h --help --no-color --to --json) ;;
      deploy) candidates=(-h --help --no-color --resume --pipeline --repo --ref --param --force) ;;
      rollback) candidates=(-h --help --no-color --to) ;;
      stop) candidates=(-h --help --no-color) ;;
      status) candidates=(-h --help --no-color --json) ;;
      secret) candidates=(-h --help --no-color --repository --global --json) ;;
      serve) candidates=(-h --help --no-color --data --listen) ;;
      agent) candidates=(-h --help --no-color --server --token-file --ca-file --data --name --labels --slots --once) ;;
      agents) candidates=(-h --help --no-color --server --token-file --ca-file --json) ;;
      repo) candidates=(-h --help --no-color --url --server --token-file --ca-file --json) ;;
      token) candidates=(-h --help --no-color --scope --server --token-file --ca-file --json) ;;
      doctor) candidates=(-h --help --no-color --json) ;;
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
