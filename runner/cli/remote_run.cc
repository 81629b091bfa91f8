#include "runner/cli/remote_run.h"

#include <atomic>
#include <boost/json.hpp>
#include <thread>

#include "pipelines/base/text.h"
#include "pipelines/run/event_json.h"
#include "runner/cli/display.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/server_client.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using http_client::escaped;

std::string log_path(run::RunId run, const std::string& job, std::uint32_t attempt) {
  return "/runs/" + std::to_string(run) + "/log?job=" + escaped(job) +
         "&attempt=" + std::to_string(attempt);
}

json::object request_of(const RunOptions& options) {
  json::object body{{"repository", *options.tree.repository}, {"ref", options.tree.ref}};
  if (options.tree.pipeline) body["pipeline"] = *options.tree.pipeline;
  json::object params;
  for (const auto& [name, value] : options.tree.params) params[name] = value;
  body["params"] = std::move(params);
  body["stages"] = json::array(options.stages.begin(), options.stages.end());
  body["no_cache"] = options.no_cache;
  return body;
}

// Shows a run of a server by its events, to its end.
class Followed {
 public:
  Followed(run::RunId id, const ServerChoice& server, Format format, Context& context)
      : id_(id),
        server_(server),
        display_(context.console, format, context.services.clock(), render::CtrlC::leaves) {}

  Result<> on_event(std::string_view line) {
    PIPELINE_ASSIGN(const run::Event event, run::event_from_json(line));
    seen_ = event.sequence;
    display_.on_event(event);
    if (const auto* const created = std::get_if<run::RunCreated>(&event.body)) {
      PIPELINE_ASSIGN(plan_, engine::plan_of(created->spec));
      PIPELINE_TRY(display_.show(id_, plan_, {}, tail()));
    }
    if (const auto* const finished = std::get_if<run::RunFinished>(&event.body))
      status_ = finished->status;
    return {};
  }

  std::uint64_t seen() const { return seen_; }
  std::optional<run::RunStatus> status() const { return status_; }
  void finish() { display_.finish(); }
  void leave() { display_.leave(); }

 private:
  // On a connection of its own: the other one is busy with the events.
  render::LogTail tail() {
    return [this](const std::string& job, std::uint32_t attempt, std::size_t count) {
      auto client = ServerClient::open(server_);
      if (!client) return std::vector<std::string>();
      const auto text = client->get_text(log_path(id_, job, attempt));
      return text ? last_lines(*text, count) : std::vector<std::string>();
    };
  }

  const run::RunId id_;
  const ServerChoice& server_;
  plan::Plan plan_;
  Display display_;
  std::uint64_t seen_ = 0;
  std::optional<run::RunStatus> status_;
};

Outcome follow(run::RunId id, const ServerChoice& server, Format format, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  std::atomic<bool> is_left = false;
  PIPELINE_ASSIGN(const auto interrupts, Interrupts::watch([&](int /*count*/) {
                    is_left = true;
                    client.cancel();
                  }));
  Followed followed(id, server, format, context);
  Result<> understood;
  while (!followed.status() && !is_left) {
    const auto heard = client.follow(
        "/runs/" + std::to_string(id) + "/events?after=" + std::to_string(followed.seen()),
        [&](std::string_view line) {
          understood = followed.on_event(line);
          return understood.has_value();
        });
    PIPELINE_TRY(understood);
    if (is_left) break;
    // A server that was started again goes on where it was.
    if (!heard && heard.error().kind() != ErrorKind::unavailable) return base::fail(heard.error());
    if (!heard) std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  const std::string number = std::to_string(id);
  if (is_left) {
    followed.leave();
    context.console.err.write("\nrun " + number + " goes on; pipeline cancel --server URL " +
                              number + " stops it\n");
    return ExitCode::cancelled;
  }
  followed.finish();
  return exit_code_of(*followed.status());
}

}  // namespace

Outcome run_on_server(const RunOptions& options, Context& context) {
  if (!options.tree.repository)
    return base::fail(Error(ErrorKind::invalid, "which repository of the server is not said")
                          .hint("--repo NAME; pipeline repo list shows them"));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.post("/runs", request_of(options)));
  const auto id = answer.at("run").to_number<run::RunId>();
  if (!options.detach) return follow(id, options.server, options.format, context);
  context.console.out.write("run " + std::to_string(id) + " has begun\n");
  return ExitCode::success;
}

Outcome list_runs_of_server(const RunsOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer,
                  client.get("/runs?limit=" + std::to_string(options.limit)));
  for (const json::value& run : answer.at("runs").as_array()) {
    if (options.format == Format::json) {
      context.console.out.write(json::serialize(run) + "\n");
      continue;
    }
    const std::string reason = base::printable(run.at("reason").as_string());
    context.console.out.write(std::to_string(run.at("run").to_number<run::RunId>()) + "  " +
                              base::printable(run.at("pipeline").as_string()) + "  " +
                              base::printable(run.at("status").as_string()) +
                              (reason.empty() ? "" : "  " + reason) + "\n");
  }
  return ExitCode::success;
}

Outcome cancel_on_server(const CancelOptions& options, Context& context) {
  if (!options.run)
    return base::fail(Error(ErrorKind::invalid, "a run of a server has a number")
                          .hint("pipeline runs --server URL lists them"));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  const std::string number = std::to_string(*options.run);
  PIPELINE_TRY(client.post("/runs/" + number + "/cancel", json::object()));
  context.console.out.write("asked run " + number + " to stop\n");
  return ExitCode::success;
}

Outcome print_log_of_server(const LogsOptions& options, Context& context) {
  if (!options.run || !options.job)
    return base::fail(Error(ErrorKind::invalid, "a server's log is of one job of one run")
                          .hint("pipeline logs --server URL RUN JOB"));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const std::string text, client.get_text(log_path(*options.run, *options.job,
                                                                   options.attempt.value_or(1))));
  context.console.out.write(text);
  return ExitCode::success;
}

}  // namespace pipeline::cli
