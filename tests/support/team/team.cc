#include "tests/support/team/team.h"

#include <csignal>
#include <regex>
#include <stdexcept>

#include "stages/host/file.h"

namespace pipeline::support {

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
  if (serving_) stop_server();
}

void Team::start_server(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"serve", "--data", server_home().string(), "--listen",
                                        "127.0.0.1:" + std::to_string(port_)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  serving_ = std::make_unique<Running>(product_.start(arguments));
  const std::string mark = "://127.0.0.1:";  // "listening on http://…"
  const auto has_said = [&](const std::string& text) {
    return serving_->err().find(text) != std::string::npos;
  };
  eventually([&] { return has_said(mark) || has_said("error: "); });
  if (!has_said(mark)) throw std::runtime_error("the server does not start: " + serving_->err());
  const std::string said = serving_->err();
  port_ = static_cast<unsigned>(std::stoul(said.substr(said.find(mark) + mark.size())));
}

void Team::kill_server() {
  serving_->signal(SIGKILL);
  serving_->wait();
  serving_.reset();
}

Ran Team::stop_server() {
  serving_->signal(SIGTERM);
  Ran ran = serving_->wait();
  serving_.reset();
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

Ran Team::run_beside(std::vector<std::string> arguments) {
  product_.env()["PIPELINE_HOME"] = server_home().string();
  Ran ran = product_.run(std::move(arguments));
  product_.env()["PIPELINE_HOME"] = product_.home().string();
  return ran;
}

std::string Team::without_server(std::string text) const {
  const std::string option = " --server " + url();
  for (auto at = text.find(option); at != std::string::npos; at = text.find(option))
    text.erase(at, option.size());
  return text;
}

std::string Team::normalised(const std::string& text) const {
  std::string known = product_.normalised(text);
  for (auto at = known.find(url()); at != std::string::npos; at = known.find(url()))
    known.replace(at, url().size(), "URL");
  // As listings of runs have it.
  return std::regex_replace(known, std::regex("main [0-9a-f]{8}\\b"), "main COMMIT");
}

Team::As::As(Team& team, const std::string& name, const std::string& scope)
    : team_(team), before_(team.product_.env()["PIPELINE_TOKEN"]) {
  const Ran made = team.run({"token", "add", name, "--scope", scope});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  team.product_.env()["PIPELINE_TOKEN"] = made.out;
}

Team::As::~As() {
  team_.product_.env()["PIPELINE_TOKEN"] = before_;
}

Running Team::start(std::vector<std::string> arguments) {
  return product_.start(with_server(std::move(arguments)));
}

std::string Team::token() {
  std::string token = product_.env().at("PIPELINE_TOKEN");
  token.erase(token.find_last_not_of('\n') + 1);
  return token;
}

void Team::push(const std::string& pipeline) {
  product_.write("pipeline.toml", pipeline);
  product_.commit();
  product_.git({"-c", "credential.helper=", "push", "--quiet", "--force",
                "http://any:" + token() + "@127.0.0.1:" + std::to_string(port_) + "/git/shop",
                "HEAD:main"});
}

std::string Team::log(const std::string& run, const std::string& job) {
  return this->run({"logs", run, job}).out;
}

bool Team::comes(const std::string& run, const std::string& job, const std::string& text) {
  return eventually([&] { return log(run, job).find(text) != std::string::npos; });
}

}  // namespace pipeline::support
