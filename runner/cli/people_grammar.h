// The command lines about the people of a server, for command_line.cc: what they bind to lives here
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

class PeopleGrammar {
 public:
  using Choose = std::function<void(Command)>;
  // `surplus` is where a word too many goes that CLI11 had a place for.
  PeopleGrammar(Choose choose, std::string& surplus)
      : choose_(std::move(choose)), words_(surplus) {}

  void declare_user(CLI::App& sub);
  void declare_group(CLI::App& sub);
  void declare_role(CLI::App& sub);
  void declare_whoami(CLI::App& sub);
  void declare_login(CLI::App& sub);
  void declare_logout(CLI::App& sub);
  void declare_pulls(CLI::App& sub);

 private:
  Command user_command(const CLI::App& sub);
  Command group_command(const CLI::App& sub);
  Command role_command(const CLI::App& sub);
  Command pulls_command(const CLI::App& sub);

  const Choose choose_;
  ActionWords words_;  // of whichever of them is declared
  ServerChoice server_;
  Format format_ = Format::text;
  LoginOptions login_;
  UserAddOptions user_add_;
  RoleGrantOptions role_;
};

}  // namespace pipeline::cli
