// The command line of `pipeline secret`, for command_line.cc: what it binds to lives here as long
// as CLI11 parses.
#pragma once

#include <functional>
#include <string>

#include "runner/cli/action_words.h"
#include "runner/cli/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

class SecretGrammar {
 public:
  using Choose = std::function<void(Command)>;
  // `surplus` is where a word too many goes that CLI11 had a place for.
  SecretGrammar(Choose choose, std::string& surplus)
      : choose_(std::move(choose)), words_(surplus) {}

  // `secret set NAME`, `secret list`, `secret remove NAME`.
  void declare(CLI::App& sub);

 private:
  Command command(const CLI::App& sub);

  const Choose choose_;
  ActionWords words_;
  SecretScope scope_;
  SecretListOptions list_;
};

}  // namespace pipeline::cli
