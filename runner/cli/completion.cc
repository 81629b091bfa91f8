#include "runner/cli/completion.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/grammar.h"

namespace pipeline::cli {

namespace {

// Commands that the program answers before it parses, and its options without a command.
constexpr const char* kHelpMeaning = "Explains a command.";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// In single quotes, as bash and zsh read them.
std::string quoted(const std::string& text) {
  return "'" + replaced(text, "'", "'\\''") + "'";
}
std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

// The first sentence, for a list: "Shows one run: its stages, artifacts and failures".
std::string short_meaning(const std::string& description) {
  const auto end = std::min(description.find(". "), description.find(": "));
  std::string text = description.substr(0, end);
  while (text.ends_with('.')) text.pop_back();
  return text;
}

std::string all_names(const CommandForm& form) {
  std::string names;
  for (const OptionForm& option : form.options) {
    for (const std::string& name : option.names) names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

constexpr const char* kBashHead =
    R"sh(# bash completion for pipeline. Try it:  source <(pipeline completion bash)
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
)sh";

constexpr const char* kBashMiddle = R"sh(    )
  elif [[ $current == -* && $current != *=* ]]; then
    case $command in
)sh";

constexpr const char* kBashTail = R"sh(    esac
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
)sh";

std::string bash_script(const std::vector<CommandForm>& commands) {
  std::string text = kBashHead;
  for (const CommandForm& form : commands) text += "      " + form.name + "\n";
  text += "      help --help --version --no-color\n";
  text += kBashMiddle;
  for (const CommandForm& form : commands) {
    text += "      " + form.name + ") candidates=(" + all_names(form) + ") ;;\n";
  }
  return text + kBashTail;
}

constexpr const char* kZshHead = R"sh(#compdef pipeline
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
)sh";

constexpr const char* kZshMiddle = R"sh(    )
    _describe -t commands command known
    return
  fi
  if [[ $PREFIX == -* && $PREFIX != *=* ]]; then
    case $command in
      '') flags=('--help:this text' '--version:which one' '--no-color:no colour, whatever the output is') ;;
)sh";

constexpr const char* kZshTail = R"sh(    esac
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
)sh";

std::string zsh_script(const std::vector<CommandForm>& commands) {
  const auto entry = [](const std::string& name, const std::string& meaning) {
    return quoted(name + ":" + meaning);
  };
  std::string text = kZshHead;
  for (const CommandForm& form : commands) {
    text += "      " + entry(form.name, short_meaning(form.description)) + "\n";
  }
  text += "      " + entry("help", kHelpMeaning) + "\n" + kZshMiddle;
  for (const CommandForm& form : commands) {
    text += "      " + form.name + ") flags=(\n";
    for (const OptionForm& option : form.options) {
      for (const std::string& name : option.names) {
        text += "        " + entry(name, option.meaning) + "\n";
      }
    }
    text += "      ) ;;\n";
  }
  return text + kZshTail;
}

constexpr const char* kFishHead =
    R"sh(# fish completion for pipeline. Try it:  pipeline completion fish | source
# To keep it:  pipeline completion fish > ~/.config/fish/completions/pipeline.fish
function __pipeline_command
    for word in (commandline -opc)[2..]
        if not string match -q -- '-*' $word
            echo $word
            return 0
        end
    end
    return 1
end
function __pipeline_is
    test "$(__pipeline_command)" = $argv[1]
end
function __pipeline_candidates
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    if string match -q -- '--*=*' $current
        set -a before (string replace -r '=.*' '' -- $current)
    end
    for line in ($before[1] __complete $before[2..] 2> /dev/null)
        switch $line
            case :files
                __fish_complete_path (string replace -r '^--[^=]*=' '' -- $current)
            case :folders
                __fish_complete_directories (string replace -r '^--[^=]*=' '' -- $current)
            case '*'
                echo $line
        end
    end
end
complete -c pipeline -f
complete -c pipeline -n 'not __pipeline_command > /dev/null' -l help -d 'this text'
complete -c pipeline -n 'not __pipeline_command > /dev/null' -l version -d 'which one'
complete -c pipeline -n 'not __pipeline_command > /dev/null' -l no-color -d 'no colour'
)sh";

std::string fish_option(const CommandForm& form, const OptionForm& option) {
  std::string line = "complete -c pipeline -n '__pipeline_is " + form.name + "'";
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) line += " -x -a '(__pipeline_candidates)'";
  return line + " -d " + fish_quoted(option.meaning) + "\n";
}

std::string fish_script(const std::vector<CommandForm>& commands) {
  std::string text = kFishHead;
  const auto command = [](const std::string& name, const std::string& meaning) {
    return "complete -c pipeline -n 'not __pipeline_command > /dev/null' -a " + name + " -d " +
           fish_quoted(meaning) + "\n";
  };
  for (const CommandForm& form : commands) {
    text += command(form.name, short_meaning(form.description));
  }
  text += command("help", kHelpMeaning);
  text += "complete -c pipeline -n '__pipeline_command > /dev/null' -a '(__pipeline_candidates)'\n";
  for (const CommandForm& form : commands) {
    for (const OptionForm& option : form.options) text += fish_option(form, option);
  }
  return text;
}

}  // namespace

const std::vector<std::string>& shell_names() {
  static const std::vector<std::string> names = {"bash", "zsh", "fish"};
  return names;
}

std::optional<Shell> shell_called(const std::string& name) {
  if (name == "bash") return Shell::bash;
  if (name == "zsh") return Shell::zsh;
  if (name == "fish") return Shell::fish;
  return std::nullopt;
}

std::string completion_script(Shell shell) {
  const std::vector<CommandForm> commands = grammar();
  switch (shell) {
    case Shell::bash:
      return bash_script(commands);
    case Shell::zsh:
      return zsh_script(commands);
    case Shell::fish:
      return fish_script(commands);
  }
  return {};
}

}  // namespace pipeline::cli
