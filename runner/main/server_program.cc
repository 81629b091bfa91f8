#include "runner/main/server_program.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <stop_token>
#include <thread>

#include "agents/agent/agent.h"
#include "agents/agent/http_server_port.h"
#include "agents/link/remote/remote_link.h"
#include "runner/cli/help.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/server_client.h"
#include "runner/serve/serve.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "runner/store/sqlite/sqlite_token_store.h"
#include "stages/source/tree_export.h"

namespace pipeline {

namespace {

using base::Result;

// A line each with its time, for a terminal as for a journal.
std::function<void(const std::string&)> teller(const std::string& name) {
  auto log = spdlog::stderr_logger_mt(name);
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %v");
  return [log](const std::string& line) { log->info(line); };
}

// What a run's thread of a server works with: jobs go to its agents.
class ServedParts final : public Parts {
 public:
  ServedParts(const store::Paths& paths, link::AgentDesk& desk)
      : Parts(paths), paths_(paths), desk_(desk) {}

  Result<std::unique_ptr<link::Link>> make_worker(cli::SandboxWish sandbox, cli::JobLives jobs,
                                                  link::MakeChild child) override {
    PIPELINE_ASSIGN(auto here, Parts::make_worker(sandbox, jobs, std::move(child)));
    const source::TreeExport exports(paths_.exports(), paths_.mirrors());
    return link::make_remote_link(
        desk_, std::move(here), [exports](const protocol::JobOrder& order) {
          return exports.publish(order.repository, order.tree).map([](const std::string& name) {
            return "/api/v1/trees/" + name;
          });
        });
  }
  std::unique_ptr<cli::Services> another() const override {
    return std::make_unique<ServedParts>(paths_, desk_);
  }

 protected:
  // Agents bring them; whether another agent has room for them it sees itself.
  Result<std::function<bool(const base::Digest&)>> layer_check() override {
    return [directory = paths_.packed_layers()](const base::Digest& digest) {
      std::error_code error;
      return std::filesystem::exists(directory / digest.hex(), error);
    };
  }

 private:
  const store::Paths paths_;
  link::AgentDesk& desk_;
};

Result<std::string> machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return base::fail(base::Error::from_errno(errno, "tell the machine's name"));
  return std::string(name.data());
}

Result<agent::AgentSettings> agent_settings(const cli::AgentOptions& options) {
  agent::AgentSettings settings{.once = options.once};
  if (options.name) {
    settings.hello.agent = *options.name;
  } else {
    PIPELINE_ASSIGN(settings.hello.agent, machine_name());
  }
  settings.hello.program = cli::version();
  settings.hello.labels = options.labels;
  settings.hello.slots =
      options.slots > 0 ? options.slots : std::max(1U, std::thread::hardware_concurrency());
  return settings;
}

}  // namespace

Result<> serve_with(const cli::ServeOptions& options, Parts& parts) {
  PIPELINE_ASSIGN(const host::Address listen,
                  host::Address::parse(options.listen, host::Address::FreePort::yes));
  PIPELINE_ASSIGN(const store::Paths* const paths, parts.paths());
  PIPELINE_ASSIGN(const auto tokens, store::open_sqlite_token_store(*paths));
  PIPELINE_ASSIGN(const auto repositories, store::open_sqlite_repository_store(*paths));
  return serve::serve({.paths = *paths, .listen = listen},
                      {.clock = parts.clock(),
                       .tokens = *tokens,
                       .repositories = *repositories,
                       .services = parts,
                       .make_services =
                           [paths = *paths](link::AgentDesk& desk) {
                             return std::make_unique<ServedParts>(paths, desk);
                           },
                       .tell = teller("serve")});
}

Result<> work_as_agent_with(const cli::AgentOptions& options, Parts& parts) {
  PIPELINE_ASSIGN(const http_client::Settings server, cli::settings_of(options.server));
  PIPELINE_ASSIGN(const agent::AgentSettings settings, agent_settings(options));
  // Before there is another thread, which a signal could end all of us by.
  std::stop_source stop;
  PIPELINE_ASSIGN(const auto interrupts,
                  cli::Interrupts::watch([&stop](int /*count*/) { stop.request_stop(); }));
  PIPELINE_ASSIGN(const store::Paths* const paths, parts.paths());
  // Opened here, by one thread: from then on they are safe for all.
  PIPELINE_ASSIGN(const auto tools, parts.worker_tools(cli::SandboxWish::full));
  const agent::AttemptKeep keep(paths->attempts());
  const agent::Supplies supplies(tools.step.source, tools.step.layers, tools.step.artifacts,
                                 paths->uploads());
  const auto tell = teller("agent");
  std::mutex making;  // guards parts
  const agent::AgentTools agent_tools{
      .connect = [&] { return agent::make_http_server_port(server, settings.hello.agent); },
      .make_link =
          [&] {
            const std::scoped_lock guard(making);
            return parts.make_worker(cli::SandboxWish::full, cli::JobLives::by_themselves, {});
          },
      .keep = keep,
      .supplies = supplies,
      .clock = parts.clock(),
      .tell = tell};
  tell("agent " + settings.hello.agent + " of " + server.server.to_text() + ", " +
       std::to_string(settings.hello.slots) + (settings.hello.slots == 1 ? " slot" : " slots"));
  return agent::run_agent(settings, agent_tools, stop.get_token());
}

}  // namespace pipeline
