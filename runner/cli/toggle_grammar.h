// The command line of `pipeline toggle`, for command_line.cc: what it binds to lives here as long
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

class ToggleGrammar {
 public:
  using Choose = std::function<void(Command)>;
  // `surplus` is where a word too many goes that CLI11 had a place for.
  ToggleGrammar(Choose choose, std::string& surplus)
      : choose_(std::move(choose)), words_(surplus) {}

  // `toggle list`, `toggle show KEY`, `toggle set KEY VALUE --env ENV`.
  void declare(CLI::App& sub);

 private:
  Command command(const CLI::App& sub);
  Command set();

  const Choose choose_;
  ActionWords words_;
  std::optional<std::string> environment_;
  bool clear_ = false;
  ServerChoice server_;
  Format format_ = Format::text;
};

}  // namespace pipeline::cli
