#include "runner/cli/environment_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

void EnvironmentGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline environment set REPOSITORY ENV --file FILE [OPTIONS]\n"
      "       pipeline environment list REPOSITORY [OPTIONS]\n"
      "       pipeline environment show REPOSITORY ENV [OPTIONS]\n"
      "       pipeline environment remove REPOSITORY ENV [OPTIONS]");
  words_.declare(sub,
                 {{"REPOSITORY", "what the server calls it"}, {"ENV", "set, show, remove: which"}});
  sub.add_option("--file", file_,
                 "set: TOML with a table [environment.ENV], as a pipeline has it; - reads standard "
                 "input")
      ->type_name("FILE");
  add_server(sub, server_, "which one; default: PIPELINE_SERVER");
  add_format(sub, format_, "list, show: one environment a line, as JSON");
  sub.callback([this, &sub] { choose_(command(sub)); });
}

Command EnvironmentGrammar::command(const CLI::App& sub) {
  const std::string& action =
      words_.choose(sub, {{"set", 2}, {"list", 1}, {"show", 2}, {"remove", 2}});
  const std::string& repository = words_.first();
  const std::string& name = words_.second();
  if (action == "list") return EnvironmentListOptions{server_, repository, format_};
  if (action == "show") return EnvironmentShowOptions{server_, repository, name, format_};
  if (action == "remove") return EnvironmentRemoveOptions{server_, repository, name};
  if (file_.empty()) throw CLI::RequiredError("--file");
  return EnvironmentSetOptions{server_, repository, name, file_};
}

}  // namespace pipeline::cli
