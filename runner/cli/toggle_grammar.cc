#include "runner/cli/toggle_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

void ToggleGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline toggle list [OPTIONS]\n"
      "       pipeline toggle show KEY [OPTIONS]\n"
      "       pipeline toggle set KEY VALUE --env ENV [OPTIONS]\n"
      "       pipeline toggle set KEY --clear --env ENV [OPTIONS]");
  words_.declare(
      sub,
      {{"KEY", "the toggle, as the flag file calls it"},
       {"VALUE", "set: off, on or the name of a variant, for every user and until it is cleared"}});
  sub.add_option("--env", environment_, "environment, or PIPELINE/ENV; list and show: default: all")
      ->type_name("ENV");
  sub.add_flag("--clear", clear_, "set: give it back to the flag file of the release that serves");
  add_format(sub, format_, "list, show: one environment a line, as JSON");
  add_place(sub, server_, "the environments of that server");
  sub.callback([this, &sub] { choose_(command(sub)); });
}

Command ToggleGrammar::command(const CLI::App& sub) {
  const std::string& action = words_.choose(sub, {{"list", 0}, {"show"}, {"set", 1, 1}});
  if (action == "list") return ToggleListOptions{environment_, format_, server_};
  if (action == "show") return ToggleShowOptions{words_.first(), environment_, format_, server_};
  return set();
}

Command ToggleGrammar::set() {
  if (clear_) words_.refuse_second();
  if (!clear_ && words_.second().empty()) throw CLI::RequiredError("VALUE or --clear");
  if (!environment_) throw CLI::RequiredError("--env");
  return ToggleSetOptions{.key = words_.first(),
                          .value = clear_ ? std::nullopt : std::optional(words_.second()),
                          .environment = *environment_,
                          .server = server_};
}

}  // namespace pipeline::cli
