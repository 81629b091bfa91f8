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

namespace pipeline::support {

class Team : public testing::Test {
 protected:
  // A server with the repository `shop`, hosted, and the first agent's token.
  Team();
  ~Team() override;

  // Where it listened before, if it did.
  void start_server(std::vector<std::string> more = {});
  // What it has told its operator.
  std::string server_said() const { return serving_->err(); }
  // As somebody who pulls the plug.
  void kill_server();
  void start_agent(const std::string& name, std::vector<std::string> more = {});
  void kill_agent(const std::string& name);
  // SIGTERM; what it said on its way.
  Ran stop_server();
  Ran stop_agent(const std::string& name);

  // A command with --server and the first token.
  Ran run(std::vector<std::string> arguments);
  Running start(std::vector<std::string> arguments);
  // The same command of this machine, on what the server keeps.
  Ran run_beside(std::vector<std::string> arguments);
  // `text` as if the server were not named in it.
  std::string without_server(std::string text) const;
  // What differs from run to run replaced, the server's address among it.
  std::string normalised(const std::string& text) const;
  // Commands are called with a token of that name and scope until the object goes.
  class As {
   public:
    As(Team& team, const std::string& name, const std::string& scope);
    ~As();
    As(const As&) = delete;
    As& operator=(const As&) = delete;

   private:
    Team& team_;
    std::string before_;
  };
  // Commits what is in the repository and pushes it.
  void push(const std::string& pipeline);
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  // That commands are called with.
  std::string token();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::filesystem::path server_home() const { return product_.root() / server_; }
  // Which directory the next server is started on: a name below the product's root.
  void serve_from(const std::string& name) { server_ = name; }
  std::filesystem::path agent_home(const std::string& name) const {
    return product_.root() / ("agent-" + name);
  }
  // Of the job's first attempt, as the server has it.
  std::string log(const std::string& run, const std::string& job);
  // Whether the log comes to hold the text.
  bool comes(const std::string& run, const std::string& job, const std::string& text);

  Product product_;

 private:
  std::vector<std::string> with_server(std::vector<std::string> arguments) const;

  unsigned port_ = 0;
  std::string server_ = "server";
  std::unique_ptr<Running> serving_;
  std::map<std::string, std::unique_ptr<Running>> agents_;
};

}  // namespace pipeline::support
