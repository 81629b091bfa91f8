#include "runner/cli/environment_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kHidden = "";  // group of options that help does not show

}  // namespace

void EnvironmentGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline environment set REPOSITORY ENV --file FILE [OPTIONS]\n"
      "       pipeline environment list REPOSITORY [OPTIONS]\n"
      "       pipeline environment show REPOSITORY ENV [OPTIONS]\n"
      "       pipeline environment remove REPOSITORY ENV [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("REPOSITORY", words_[1], "what the server calls it");
  sub.add_option("ENV", words_[2], "set, show, remove: which");
  sub.add_option("--file", file_,
                 "set: TOML with a table [environment.ENV], as a pipeline has it; - reads standard "
                 "input")
      ->type_name("FILE");
  add_server(sub, server_, "which one; default: PIPELINE_SERVER");
  add_format(sub, format_, "list, show: one environment a line, as JSON");
  sub.callback([this] { choose_(command()); });
}

Command EnvironmentGrammar::command() {
  const auto& [action, repository, name] = words_;
  constexpr const char* kActions = "set, list, show or remove";
  if (action.empty()) throw CLI::RequiredError(kActions);
  const bool is_list = action == "list";
  if (!is_list && action != "set" && action != "show" && action != "remove")
    throw CLI::ValidationError("environment", "'" + action + "' is none of " + kActions);
  if (repository.empty()) throw CLI::RequiredError("REPOSITORY");
  if (is_list && !(surplus_ = name).empty()) throw CLI::ExtrasError({surplus_});
  if (is_list) return EnvironmentListOptions{server_, repository, format_};
  if (name.empty()) throw CLI::RequiredError("ENV");
  if (action == "show") return EnvironmentShowOptions{server_, repository, name, format_};
  if (action == "remove") return EnvironmentRemoveOptions{server_, repository, name};
  if (file_.empty()) throw CLI::RequiredError("--file");
  return EnvironmentSetOptions{server_, repository, name, file_};
}

}  // namespace pipeline::cli
