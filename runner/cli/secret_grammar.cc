#include "runner/cli/secret_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

namespace {

constexpr const char* kHidden = "";  // group of options that help does not show

}  // namespace

void SecretGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline secret set NAME [OPTIONS] < VALUE\n"
      "       pipeline secret list [OPTIONS]\n"
      "       pipeline secret remove NAME [OPTIONS]");
  sub.add_option("ACTION", words_[0])->group(kHidden);
  sub.add_option("NAME", words_[1],
                 "what stages name in `secrets`, and the variable they find it in");
  CLI::Option* repository =
      sub.add_option("--repository", scope_.repository,
                     "whose: path or URL of a repository; default: the one here")
          ->type_name("URL");
  sub.add_flag("--global", scope_.global, "of all repositories; a repository's own goes first")
      ->excludes(repository);
  add_format(sub, list_.format, "list: one secret a line, as JSON");
  sub.callback([this] { choose_(command()); });
}
Command SecretGrammar::command() {
  if (words_[0].empty()) throw CLI::RequiredError("set, list or remove");
  if (words_[0] == "list") {
    if (!(surplus_ = words_[1]).empty()) throw CLI::ExtrasError({surplus_});
    list_.scope = scope_;
    return list_;
  }
  if (words_[0] != "set" && words_[0] != "remove") {
    throw CLI::ValidationError("secret", "'" + words_[0] + "' is none of set, list and remove");
  }
  if (words_[1].empty()) throw CLI::RequiredError("NAME");
  if (words_[0] == "set") return SecretSetOptions{words_[1], scope_};
  return SecretRemoveOptions{words_[1], scope_};
}

}  // namespace pipeline::cli
