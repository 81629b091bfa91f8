#include "tests/e2e/server/team.h"

#include <csignal>
#include <stdexcept>

#include "stages/host/file.h"

namespace pipeline::e2e {

using support::Ran;
using support::Running;

namespace {

std::string text_of(const std::filesystem::path& file) {
  return host::read_file(file).value_or("");
}

}  // namespace

Team::Team() {
  start_server();
  product_.env()["PIPELINE_TOKEN"] = text_of(server_home() / "admin.token");
  const Ran token = run({"token", "add", "builders", "--scope", "agent"});
  EXPECT_EQ(token.exit_code, 0) << token.err;
  product_.write(product_.root() / "agent.token", token.out);
  const Ran hosted = run({"repo", "add", "shop"});
  EXPECT_EQ(hosted.exit_code, 0) << hosted.err;
}

Team::~Team() {
  for (const auto& [name, agent] : agents_) agent->signal(SIGTERM);
  for (const auto& [name, agent] : agents_) agent->wait();
  if (server_) stop_server();
}

void Team::start_server() {
  server_ =
      std::make_unique<Running>(product_.start({"serve", "--data", server_home().string(),
                                                "--listen", "127.0.0.1:" + std::to_string(port_)}));
  const std::string mark = "listening on http://127.0.0.1:";
  const auto has_said = [&](const std::string& text) {
    return server_->err().find(text) != std::string::npos;
  };
  support::eventually([&] { return has_said(mark) || has_said("error: "); });
  if (!has_said(mark)) throw std::runtime_error("the server does not start: " + server_->err());
  const std::string said = server_->err();
  port_ = static_cast<unsigned>(std::stoul(said.substr(said.find(mark) + mark.size())));
}

void Team::kill_server() {
  server_->signal(SIGKILL);
  server_->wait();
  server_.reset();
}

Ran Team::stop_server() {
  server_->signal(SIGTERM);
  Ran ran = server_->wait();
  server_.reset();
  return ran;
}

void Team::start_agent(const std::string& name, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"agent",
                                        "--server",
                                        url(),
                                        "--token-file",
                                        (product_.root() / "agent.token").string(),
                                        "--data",
                                        agent_home(name).string(),
                                        "--name",
                                        name};
  arguments.insert(arguments.end(), more.begin(), more.end());
  agents_[name] = std::make_unique<Running>(product_.start(arguments));
}

void Team::kill_agent(const std::string& name) {
  const auto agent = agents_.extract(name);
  agent.mapped()->signal(SIGKILL);
  agent.mapped()->wait();
}

Ran Team::stop_agent(const std::string& name) {
  const auto agent = agents_.extract(name);
  agent.mapped()->signal(SIGTERM);
  return agent.mapped()->wait();
}

std::vector<std::string> Team::with_server(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--server", url()});
  return arguments;
}

Ran Team::run(std::vector<std::string> arguments) {
  return product_.run(with_server(std::move(arguments)));
}

Running Team::start(std::vector<std::string> arguments) {
  return product_.start(with_server(std::move(arguments)));
}

void Team::push(const std::string& pipeline) {
  product_.write("pipeline.toml", pipeline);
  product_.commit();
  std::string token = product_.env()["PIPELINE_TOKEN"];
  token.erase(token.find_last_not_of('\n') + 1);
  product_.git({"-c", "credential.helper=", "push", "--quiet", "--force",
                "http://any:" + token + "@127.0.0.1:" + std::to_string(port_) + "/git/shop",
                "HEAD:main"});
}

std::string Team::log(const std::string& run, const std::string& job) {
  return this->run({"logs", run, job}).out;
}

bool Team::comes(const std::string& run, const std::string& job, const std::string& text) {
  return support::eventually([&] { return log(run, job).find(text) != std::string::npos; });
}

}  // namespace pipeline::e2e
