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
#include "runner/serve/deployment_routes.h"
#include "runner/serve/routed_deployer.h"
#include "runner/serve/serve.h"
#include "runner/serve/server_environments.h"
#include "runner/store/sqlite/sqlite_audit_store.h"
#include "runner/store/sqlite/sqlite_delivery_store.h"
#include "runner/store/sqlite/sqlite_environment_store.h"
#include "runner/store/sqlite/sqlite_firing_store.h"
#include "runner/store/sqlite/sqlite_group_store.h"
#include "runner/store/sqlite/sqlite_journal.h"
#include "runner/store/sqlite/sqlite_notice_store.h"
#include "runner/store/sqlite/sqlite_protection_store.h"
#include "runner/store/sqlite/sqlite_pull_request_store.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "runner/store/sqlite/sqlite_role_store.h"
#include "runner/store/sqlite/sqlite_success_store.h"
#include "runner/store/sqlite/sqlite_token_store.h"
#include "runner/store/sqlite/sqlite_user_store.h"
#include "stages/host/file.h"
#include "stages/host/machine.h"
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
    PIPELINE_ASSIGN(source::Source* const source, this->source());
    // Asked on the engine's thread: a journal of its own.
    const auto route = [paths = paths_](protocol::JobOrder& order) -> Result<bool> {
      PIPELINE_ASSIGN(const auto journal, store::open_sqlite_journal(paths));
      return serve::route_deployment(*journal, order);
    };
    return link::make_remote_link(desk_, std::move(here), trees_of(*source), route);
  }
  Result<deploy::Deployer*> deployer() override {
    if (!routed_) {
      PIPELINE_ASSIGN(deploy::Deployer* const here, Parts::deployer());
      PIPELINE_ASSIGN(deploy::Journal* const journal, this->journal());
      PIPELINE_ASSIGN(source::Source* const source, this->source());
      routed_ = std::make_unique<serve::RoutedDeployer>(
          serve::RoutedDeployer::Parts{.here = *here,
                                       .journal = *journal,
                                       .desk = desk_,
                                       .publish = trees_of(*source),
                                       .paths = paths_,
                                       .clock = clock()});
    }
    return routed_.get();
  }
  std::unique_ptr<cli::Services> another() const override {
    return std::make_unique<ServedParts>(paths_, desk_);
  }
  // Opened each time: no run asks more than a few times.
  Result<config::ServerEnvironments> server_environments(const std::string& repository) override {
    PIPELINE_ASSIGN(const auto repositories, store::open_sqlite_repository_store(paths_));
    PIPELINE_ASSIGN(const auto environments, store::open_sqlite_environment_store(paths_));
    return serve::environments_at(repository, *repositories, *environments, paths_);
  }

 private:
  link::PublishTree trees_of(source::Source& source) const {
    const source::TreeExport exports(paths_.exports(), paths_.mirrors());
    return [exports, &source](const protocol::JobOrder& order) {
      return publish(exports, source, order).map([](const std::string& name) {
        return "/api/v1/trees/" + name;
      });
    };
  }
  // A mirror that is not there any more is made again: a backup has none.
  static Result<std::string> publish(const source::TreeExport& exports, source::Source& source,
                                     const protocol::JobOrder& order) {
    auto published = exports.publish(order.repository, order.tree);
    if (published || published.error().kind() != base::ErrorKind::not_found) return published;
    PIPELINE_TRY(source.fetch(order.repository, "", [](const source::FetchProgress&) {}));
    return exports.publish(order.repository, order.tree);
  }

 protected:
  // Agents bring them; whether another agent has room for them it sees itself.
  Result<std::function<bool(const base::Digest&)>> layer_check() override {
    return [directory = paths_.packed_layers()](const base::Digest& digest) {
      // Whoever asks is about to name them: they are not taken away for a while.
      return host::touch(directory / digest.hex());
    };
  }

 private:
  const store::Paths paths_;
  link::AgentDesk& desk_;
  std::unique_ptr<deploy::Deployer> routed_;
};

// What cannot be told is zero.
protocol::MachineState machine_state(const store::Paths& paths) {
  const auto disk = host::disk_of(paths.root()).value_or(host::Disk{});
  const auto memory = host::memory_of_machine().value_or(host::Memory{});
  return {.disk_size = disk.size,
          .disk_free = disk.free,
          .memory_size = memory.size,
          .memory_available = memory.available,
          .load = host::load_of_machine(),
          .processors = std::thread::hardware_concurrency()};
}

Result<agent::AgentSettings> agent_settings(const cli::AgentOptions& options) {
  agent::AgentSettings settings{.once = options.once, .keep_bytes = options.keep_bytes};
  if (options.name) {
    settings.hello.agent = *options.name;
  } else {
    PIPELINE_ASSIGN(settings.hello.agent, host::machine_name());
  }
  settings.hello.program = cli::version();
  settings.hello.labels = options.labels;
  settings.hello.slots =
      options.slots > 0 ? options.slots : std::max(1U, std::thread::hardware_concurrency());
  return settings;
}

}  // namespace

Result<> serve_with(const cli::ServeOrder& order, Parts& parts) {
  // Before there is another thread.
  host::ServiceManager manager = host::ServiceManager::take_from_environment();
  PIPELINE_ASSIGN(const store::Paths* const paths, parts.paths());
  PIPELINE_ASSIGN(const auto tokens, store::open_sqlite_token_store(*paths));
  PIPELINE_ASSIGN(const auto repositories, store::open_sqlite_repository_store(*paths));
  PIPELINE_ASSIGN(const auto environments, store::open_sqlite_environment_store(*paths));
  PIPELINE_ASSIGN(const auto protections, store::open_sqlite_protection_store(*paths));
  PIPELINE_ASSIGN(const auto deliveries, store::open_sqlite_delivery_store(*paths));
  PIPELINE_ASSIGN(const auto pull_requests, store::open_sqlite_pull_request_store(*paths));
  PIPELINE_ASSIGN(const auto audit, store::open_sqlite_audit_store(*paths));
  PIPELINE_ASSIGN(const auto users, store::open_sqlite_user_store(*paths));
  PIPELINE_ASSIGN(const auto groups, store::open_sqlite_group_store(*paths));
  PIPELINE_ASSIGN(const auto roles, store::open_sqlite_role_store(*paths));
  PIPELINE_ASSIGN(const auto firings, store::open_sqlite_firing_store(*paths));
  PIPELINE_ASSIGN(const auto scheduled, store::open_sqlite_repository_store(*paths));
  PIPELINE_ASSIGN(const auto successes, store::open_sqlite_success_store(*paths));
  return serve::serve(
      {.paths = *paths, .server = order.settings, .reread = order.reread},
      {.clock = parts.clock(),
       .tokens = *tokens,
       .repositories = *repositories,
       .environments = *environments,
       .protections = *protections,
       .open_protections = [paths = *paths] { return store::open_sqlite_protection_store(paths); },
       .deliveries = *deliveries,
       .pull_requests = *pull_requests,
       .open_pull_requests = [paths =
                                  *paths] { return store::open_sqlite_pull_request_store(paths); },
       .services = parts,
       .audit = *audit,
       .telling = {.notices = [paths = *paths] { return store::open_sqlite_notice_store(paths); },
                   .repositories =
                       [paths = *paths] { return store::open_sqlite_repository_store(paths); },
                   .pull_requests =
                       [paths = *paths] { return store::open_sqlite_pull_request_store(paths); }},
       .people = {.users = *users, .groups = *groups, .roles = *roles},
       .firings = *firings,
       .scheduler_repositories = *scheduled,
       .successes = *successes,
       .make_services =
           [paths = *paths](link::AgentDesk& desk) {
             return std::make_unique<ServedParts>(paths, desk);
           },
       .manager = manager,
       .tell = teller("serve")});
}

Result<> work_as_agent_with(const cli::AgentOptions& options, Parts& parts) {
  // Before there is another thread.
  const host::ServiceManager manager = host::ServiceManager::take_from_environment();
  PIPELINE_ASSIGN(const http_client::Settings server, cli::settings_of(options.server));
  PIPELINE_ASSIGN(const agent::AgentSettings settings, agent_settings(options));
  // Before there is another thread, which a signal could end all of us by.
  std::stop_source stop;
  PIPELINE_ASSIGN(const auto interrupts,
                  cli::Interrupts::watch([&stop](int /*count*/) { stop.request_stop(); }));
  PIPELINE_ASSIGN(const store::Paths* const paths, parts.paths());
  // Opened here, by one thread: from then on they are safe for all.
  PIPELINE_ASSIGN(const auto tools, parts.worker_tools(cli::SandboxWish::full));
  PIPELINE_TRY(parts.keep_job_standby());
  const agent::AttemptKeep keep(paths->attempts());
  const agent::Supplies supplies(
      tools.step.source, tools.step.layers, tools.step.artifacts,
      {.mirrors = paths->mirrors(), .trees = paths->trees(), .scratch = paths->uploads()});
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
      .tell = tell,
      .look_at_machine = [paths = *paths] { return machine_state(paths); },
      .journal = {.server = server.server.to_text(),
                  .token = server.token,
                  .authorities = server.authorities.value_or("").string(),
                  .agent = settings.hello.agent}};
  tell("agent " + settings.hello.agent + " of " + server.server.to_text() + ", " +
       std::to_string(settings.hello.slots) + (settings.hello.slots == 1 ? " slot" : " slots"));
  // A server that is not there yet is waited for: that is its work, too.
  manager.notify("READY=1");
  auto ended = agent::run_agent(settings, agent_tools, stop.get_token());
  manager.notify("STOPPING=1");
  return ended;
}

}  // namespace pipeline
