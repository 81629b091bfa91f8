#include "runner/cli/remote_run.h"

#include <boost/json.hpp>

#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"
#include "runner/cli/sent_tree.h"
#include "runner/cli/server_client.h"
#include "runner/cli/server_follow.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

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

// What says how this machine would drive a run means nothing to a server.
template <class Options>
Result<> refuse_driving(const Options& options) {
  const SecretOptions& secrets = options.secrets;
  std::string option;
  if (secrets.env_file) option = "--env-file";
  if (!secrets.from_env.empty()) option = "--secret-from-env";
  if (!secrets.commands.empty()) option = "--secret-command";
  if (!option.empty()) {
    return base::fail(
        Error(ErrorKind::invalid, option + " is for runs on this machine")
            .hint("a server takes secrets from what `pipeline secret set` keeps on its machine"));
  }
  if (options.jobs > 0) option = "--jobs";
  if (options.sandbox != SandboxWish::full) option = "--sandbox";
  if (option.empty()) return {};
  return base::fail(Error(ErrorKind::invalid, option + " is for runs on this machine")
                        .hint("an agent's own options say how it runs jobs"));
}

template <class Options>
Result<> refuse_running(const Options& options) {
  PIPELINE_TRY(refuse_driving(options));
  if (!options.no_wait) return {};
  return base::fail(Error(ErrorKind::invalid, "--no-wait is for runs on this machine")
                        .hint("--detach leaves at once, and the run waits on the server"));
}

Result<> refuse_another_tree(const RunOptions& options) {
  if (options.tree.ref.empty()) return {};
  return base::fail(Error(ErrorKind::invalid, "--remote is for the tree as it stands, not --ref")
                        .hint("without --remote the server takes the ref from its repository"));
}

std::string how_to_come_back(run::RunId id, Format format, const render::CommandPlace& place) {
  const std::string run = std::to_string(id);
  if (format == Format::json) return R"({"run":)" + run + "}\n";
  return "run " + run + " goes on at the server\n" + place.command("attach", run) +
         " follows it to its end, " + place.command("cancel", run) + " stops it\n";
}

Error not_driven(run::RunId id, const RunPlace& place) {
  return Error(ErrorKind::invalid,
               "run " + std::to_string(id) + " was interrupted, and the server does not drive it")
      .hint(place.commands.command("retry", std::to_string(id)) +
            " runs again what it did not finish");
}

}  // namespace

Outcome run_on_server(const RunOptions& options, Context& context) {
  if (!options.tree.repository)
    return base::fail(Error(ErrorKind::invalid, "which repository of the server is not said")
                          .hint("--repo NAME; pipeline repo list shows them"));
  PIPELINE_TRY(refuse_running(options));
  PIPELINE_ASSIGN(const auto follower, ServerFollower::make(options.server, context));
  json::object request = request_of(options);
  if (options.remote) {
    PIPELINE_TRY(refuse_another_tree(options));
    PIPELINE_ASSIGN(const SentTree sent,
                    send_working_tree(*options.tree.repository, options.server, context));
    request["ref"] = sent.ref;
    request["branch"] = sent.branch;
  }
  PIPELINE_ASSIGN(const json::value answer, follower->client().post("/runs", request));
  PIPELINE_ASSIGN(const auto id, run_in(answer));
  if (!options.detach) return follower->follow(id, {}, options.format);
  context.console.out.write(how_to_come_back(id, options.format, commands_of(options.server)));
  return ExitCode::success;
}

Outcome retry_on_server(const RetryOptions& options, Context& context) {
  PIPELINE_TRY(refuse_running(options));
  PIPELINE_ASSIGN(const auto follower, ServerFollower::make(options.server, context));
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const engine::StoredRun before, load_run(*place.runs, id));
  const json::object body{{"stages", json::array(options.stages.begin(), options.stages.end())}};
  PIPELINE_TRY(follower->client().post("/runs/" + std::to_string(id) + "/retry", body));
  if (!options.detach) return follower->follow(id, before.events, options.format);
  context.console.out.write(how_to_come_back(id, options.format, place.commands));
  return ExitCode::success;
}

Outcome attach_to_server(const AttachOptions& options, Context& context) {
  PIPELINE_TRY(refuse_driving(options));
  PIPELINE_ASSIGN(const auto follower, ServerFollower::make(options.server, context));
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  // Asked first: whoever drove it may have ended it since.
  PIPELINE_ASSIGN(const bool is_driven, place.runs->is_driven(id));
  PIPELINE_ASSIGN(const engine::StoredRun stored, load_run(*place.runs, id));
  if (!is_driven && !run::is_terminal(stored.state.status))
    return base::fail(not_driven(id, place));
  return follower->follow(id, {}, options.format);
}

Outcome cancel_on_server(const CancelOptions& options, Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  const std::string number = std::to_string(id);
  if (auto asked = client.post("/runs/" + number + "/cancel", json::object()); !asked) {
    if (asked.error().kind() != ErrorKind::invalid) return base::fail(std::move(asked).error());
    return base::fail(std::move(asked).error().hint(place.commands.command("show", number) +
                                                    " tells how it ended"));
  }
  context.console.out.write("asked run " + number + " to stop; " +
                            place.commands.command("show", number) + " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
