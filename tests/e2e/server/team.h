// A server and its agents on this machine, as a team has them: programs of their own, each with a
// directory of its own, that can be killed and started again.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/product/product.h"

namespace pipeline::e2e {

class Team : public testing::Test {
 protected:
  // A server with the repository `shop`, hosted, and the first agent's token.
  Team();
  ~Team() override;

  void start_server();
  // As somebody who pulls the plug.
  void kill_server();
  void start_agent(const std::string& name, std::vector<std::string> more = {});
  void kill_agent(const std::string& name);
  // SIGTERM; what it said on its way.
  support::Ran stop_server();
  support::Ran stop_agent(const std::string& name);

  // A command with --server and the first token.
  support::Ran run(std::vector<std::string> arguments);
  support::Running start(std::vector<std::string> arguments);
  // Commits what is in the repository and pushes it.
  void push(const std::string& pipeline);
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::filesystem::path server_home() const { return product_.root() / "server"; }
  std::filesystem::path agent_home(const std::string& name) const {
    return product_.root() / ("agent-" + name);
  }
  // Of the job's first attempt, as the server has it.
  std::string log(const std::string& run, const std::string& job);
  // Whether the log comes to hold the text.
  bool comes(const std::string& run, const std::string& job, const std::string& text);

  support::Product product_;

 private:
  std::vector<std::string> with_server(std::vector<std::string> arguments) const;

  unsigned port_ = 0;
  std::unique_ptr<support::Running> server_;
  std::map<std::string, std::unique_ptr<support::Running>> agents_;
};

}  // namespace pipeline::e2e
