// The command lines of what keeps a state directory, for command_line.cc: what they bind to lives
// here as long as CLI11 parses.
#pragma once

#include <functional>

#include "runner/cli/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

class KeepingGrammar {
 public:
  using Choose = std::function<void(Command)>;
  explicit KeepingGrammar(Choose choose) : choose_(std::move(choose)) {}

  void declare_backup(CLI::App& sub);
  void declare_restore(CLI::App& sub);
  void declare_gc(CLI::App& sub);

 private:
  const Choose choose_;
  BackupOptions backup_;
  RestoreOptions restore_;
  GcOptions gc_;
};

}  // namespace pipeline::cli
