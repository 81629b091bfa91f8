#include "runner/cli/secret_grammar.h"

#include <CLI/CLI.hpp>

#include "runner/cli/option_groups.h"

namespace pipeline::cli {

void SecretGrammar::declare(CLI::App& sub) {
  sub.footer(
      "pipeline secret set NAME [OPTIONS] < VALUE\n"
      "       pipeline secret list [OPTIONS]\n"
      "       pipeline secret remove NAME [OPTIONS]");
  words_.declare(sub,
                 {{"NAME", "what stages name in `secrets`, and the variable they find it in"}});
  CLI::Option* repository =
      sub.add_option("--repository", scope_.repository,
                     "whose: path or URL of a repository; default: the one here")
          ->type_name("URL");
  sub.add_flag("--global", scope_.global, "of all repositories; a repository's own goes first")
      ->excludes(repository);
  add_format(sub, list_.format, "list: one secret a line, as JSON");
  sub.callback([this, &sub] { choose_(command(sub)); });
}
Command SecretGrammar::command(const CLI::App& sub) {
  const std::string& action = words_.choose(sub, {{"set"}, {"list", 0}, {"remove"}});
  list_.scope = scope_;
  if (action == "list") return list_;
  if (action == "set") return SecretSetOptions{words_.first(), scope_};
  return SecretRemoveOptions{words_.first(), scope_};
}

}  // namespace pipeline::cli
