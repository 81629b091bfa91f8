#include "runner/cli/toggle_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kHidden = "";  // group of options that help does not show

}  // namespace

void ToggleGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline toggle list [OPTIONS]\n"
      "       pipeline toggle show KEY [OPTIONS]\n"
      "       pipeline toggle set KEY VALUE --env ENV [OPTIONS]\n"
      "       pipeline toggle set KEY --clear --env ENV [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("KEY", words_[1], "the toggle, as the flag file calls it");
  sub.add_option("VALUE", words_[2],
                 "set: off, on or the name of a variant, for every user and until it is cleared");
  sub.add_option("--env", environment_, "environment, or PIPELINE/ENV; list and show: default: all")
      ->type_name("ENV");
  sub.add_flag("--clear", clear_, "set: give it back to the flag file of the release that serves");
  add_format(sub, format_, "list, show: one environment a line, as JSON");
  add_place(sub, server_, "the environments of that server");
  sub.callback([this] { choose_(command()); });
}

Command ToggleGrammar::command() {
  if (words_[0].empty()) throw CLI::RequiredError("list, show or set");
  if (words_[0] == "list") return list();
  if (words_[0] == "show") return show();
  if (words_[0] == "set") return set();
  throw CLI::ValidationError("toggle", "'" + words_[0] + "' is none of list, show and set");
}

void ToggleGrammar::expect_none(std::size_t index) {
  if (!(surplus_ = words_.at(index)).empty()) throw CLI::ExtrasError({surplus_});
}

Command ToggleGrammar::list() {
  expect_none(1);
  return ToggleListOptions{environment_, format_, server_};
}

Command ToggleGrammar::show() {
  if (words_[1].empty()) throw CLI::RequiredError("KEY");
  expect_none(2);
  return ToggleShowOptions{words_[1], environment_, format_, server_};
}

Command ToggleGrammar::set() {
  if (words_[1].empty()) throw CLI::RequiredError("KEY");
  if (clear_) expect_none(2);
  if (!clear_ && words_[2].empty()) throw CLI::RequiredError("VALUE or --clear");
  if (!environment_) throw CLI::RequiredError("--env");
  return ToggleSetOptions{.key = words_[1],
                          .value = clear_ ? std::nullopt : std::optional(words_[2]),
                          .environment = *environment_,
                          .server = server_};
}

}  // namespace pipeline::cli
