#include "runner/cli/usage_mistake.h"

#include <CLI/CLI.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/exit_code.h"

namespace pipeline::cli {

std::string near_miss(const std::string& word, const std::vector<std::string>& candidates,
                      const std::string& otherwise) {
  const auto near = base::nearest(word, candidates);
  return near ? "did you mean \"" + *near + "\"?" : otherwise;
}

Answer complaint(const std::string& cause, const std::string& hint) {
  return {"error: " + cause + "\nhint: " + hint + "\n", ExitCode::wrong};
}

std::string help_command(const std::string& command) {
  return "pipeline " + command + " --help shows how it is used";
}

Answer unknown_argument(const CLI::App& sub, const std::string& word) {
  std::vector<std::string> options;
  for (const CLI::Option* option : sub.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  const std::string name = word.substr(0, word.find('='));
  const bool is_option = word.starts_with('-');
  return complaint((is_option ? "unknown option \"" : "unexpected argument \"") + word + "\" of " +
                       sub.get_name(),
                   is_option ? near_miss(name, options, help_command(sub.get_name()))
                             : help_command(sub.get_name()));
}

std::string cause_of(const CLI::ParseError& error) {
  std::string text = error.what();
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace pipeline::cli
