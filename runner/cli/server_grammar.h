// The command lines of a team server's commands, for command_line.cc: what they bind to lives here
// as long as CLI11 parses.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runner/cli/action_words.h"
#include "runner/cli/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

class ServerGrammar {
 public:
  using Choose = std::function<void(Command)>;
  // `surplus` is where a word too many goes that CLI11 had a place for.
  ServerGrammar(Choose choose, std::string& surplus)
      : choose_(std::move(choose)), words_(surplus) {}

  void declare_serve(CLI::App& sub);
  void declare_agent(CLI::App& sub);
  void declare_agents(CLI::App& sub);
  void declare_schedules(CLI::App& sub);
  void declare_audit(CLI::App& sub);
  void declare_notices(CLI::App& sub);
  void declare_repo(CLI::App& sub);
  void declare_token(CLI::App& sub);

 private:
  void add_telling(CLI::App& sub);
  void add_protecting(CLI::App& sub);
  Command repo_command(const CLI::App& sub);
  Command token_command(const CLI::App& sub);

  const Choose choose_;
  ActionWords words_;  // of whichever of them is declared
  ServeOptions serve_;
  AgentOptions agent_;
  AgentsOptions agents_;
  SchedulesOptions schedules_;
  AuditOptions audit_;
  NoticesOptions notices_;
  RepoAddOptions repo_add_;
  RepoSetOptions repo_set_;
  RepoListOptions repo_list_;
  RepoProtectOptions repo_protect_;
  TokenAddOptions token_add_;
  TokenListOptions token_list_;
};

}  // namespace pipeline::cli
