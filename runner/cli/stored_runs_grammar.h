// The command lines of the commands that look at runs, or decide on them, for command_line.cc: what
// they bind to lives here as long as CLI11 parses.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "runner/cli/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

class StoredRunsGrammar {
 public:
  using Choose = std::function<void(Command)>;
  // `surplus` is where a word too many goes that CLI11 had a place for.
  StoredRunsGrammar(Choose choose, std::string& surplus)
      : choose_(std::move(choose)), surplus_(surplus) {}

  void declare_runs(CLI::App& sub);
  void declare_show(CLI::App& sub);
  void declare_logs(CLI::App& sub);
  void declare_tests(CLI::App& sub);
  void declare_cancel(CLI::App& sub);
  void declare_approve(CLI::App& sub);
  void declare_reject(CLI::App& sub);
  void declare_artifacts(CLI::App& sub);

 private:
  void declare_decision(CLI::App& sub, bool approve);
  Command artifacts_command();

  const Choose choose_;
  std::string& surplus_;
  std::array<std::string, 3> words_;
  RunsOptions runs_;
  ShowOptions show_;
  LogsOptions logs_;
  TestsOptions tests_;
  CancelOptions cancel_;
  DecideOptions decide_;
  ArtifactsListOptions list_;
  ArtifactsGetOptions get_;
};

}  // namespace pipeline::cli
