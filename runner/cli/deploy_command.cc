// pipeline deploy, rollback and stop: what changes an environment from the command line.
#include <unistd.h>

#include <stop_token>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/desk_place.h"
#include "runner/cli/environments.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/prepared_deployment.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_desk.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace {

// What is done to an environment, once signals are watched.
using Act =
    std::function<base::Result<deploy::DeploymentResult>(const deploy::Observer&, std::stop_token)>;

std::string told(const std::string& environment, const deploy::DeploymentResult& result,
                 const render::CommandPlace& commands) {
  const std::string serving = result.release == 0
                                  ? "nothing serves"
                                  : "release " + std::to_string(result.release) + " serves";
  const std::string hint =
      result.hint.empty() ? "" : "hint: " + render::one_line(result.hint) + "\n";
  switch (result.verdict) {
    case deploy::Verdict::promoted:
      return environment + ": promoted, " + serving + "\n";
    case deploy::Verdict::unchanged:
      return environment + ": nothing to do, " + serving + "\n";
    case deploy::Verdict::restored:
      return environment + ": brought back, " + serving + "\n";
    case deploy::Verdict::rolled_back:
      return environment + ": rolled back, " + serving +
             "\nreason: " + render::one_line(result.reason) + "\n" + hint;
    case deploy::Verdict::frozen:
      return environment +
             ": frozen, nothing more is touched\nreason: " + render::one_line(result.reason) +
             "\n" + hint + commands.command("status", environment) + " shows what is running\n";
  }
  return {};
}

ExitCode exit_code_of(const deploy::DeploymentResult& result) {
  switch (result.verdict) {
    case deploy::Verdict::promoted:
    case deploy::Verdict::unchanged:
    case deploy::Verdict::restored:
      return ExitCode::success;
    case deploy::Verdict::rolled_back:
      return result.blame == rollout::Blame::release ? ExitCode::failed : ExitCode::errored;
    case deploy::Verdict::frozen:
      return ExitCode::errored;
  }
  return ExitCode::errored;
}

// What is begun, and how it is called when it is left.
struct Undertaking {
  std::string environment;  // as displays call it
  std::string name;         // as it may be called on a command line
  const ServerChoice& server;
};

std::string how_it_is_left(const Undertaking& what) {
  if (!is_of_server(what.server))
    return "left unfinished; pipeline deploy --resume " + what.name + " finishes it\n";
  return "it goes on at the server; " + commands_of(what.server).command("status", what.name) +
         " tells how far it came\n";
}

// The first Ctrl-C turns the deployment back, the second leaves at once: the journal knows how far
// it came.
void interrupt(std::stop_source& stop, int count, const Undertaking& what, Console& console) {
  if (count == 1) {
    console.err.write("stopping; press Ctrl-C again to leave at once\n");
    stop.request_stop();
    return;
  }
  console.err.write(how_it_is_left(what));
  ::_exit(ExitCode::cancelled);
}

deploy::Observer observer_for(const std::string& environment, Console& console) {
  return [&console, environment](const deploy::Progress& progress) {
    const std::string detail = progress.detail.empty() ? "" : ": " + progress.detail;
    console.out.write(environment + ": " + render::one_line(progress.state + detail) + "\n");
  };
}

ExitCode tell(const Undertaking& what, const deploy::DeploymentResult& result, bool is_stopped,
              Console& console) {
  console.out.write(told(what.environment, result, commands_of(what.server)));
  const bool turned_back = is_stopped && result.verdict == deploy::Verdict::rolled_back;
  return turned_back ? ExitCode::cancelled : exit_code_of(result);
}

using ActAtDesk = std::function<base::Result<deploy::DeploymentResult>(
    EnvironmentDesk&, const deploy::EnvironmentKey&, const deploy::Observer&, std::stop_token)>;

// What is done to an environment that was deployed to before.
Outcome carry_out(const std::string& name, const ServerChoice& server, Context& context,
                  const ActAtDesk& act) {
  std::stop_source stop;
  Console& console = context.console;
  Undertaking what{name, name, server};
  // Opening the desk may start threads, and each would take signals in its own way.
  PIPELINE_ASSIGN(const auto interrupts,
                  Interrupts::watch([&](int count) { interrupt(stop, count, what, console); }));
  PIPELINE_ASSIGN(const DeskPlace place, open_desk_place(server, context));
  PIPELINE_ASSIGN(const deploy::EnvironmentKey key, place.desk->find(name));
  PIPELINE_ASSIGN(const deploy::DeploymentResult result,
                  act(*place.desk, key, observer_for(key.environment, console), stop.get_token()));
  return tell({key.environment, name, server}, result, stop.stop_requested(), console);
}

// What brings something to an environment.
Outcome carry_out(const Undertaking& what, Context& context, const Act& act) {
  std::stop_source stop;
  Console& console = context.console;
  PIPELINE_ASSIGN(const auto interrupts,
                  Interrupts::watch([&](int count) { interrupt(stop, count, what, console); }));
  PIPELINE_ASSIGN(const deploy::DeploymentResult result,
                  act(observer_for(what.environment, console), stop.get_token()));
  return tell(what, result, stop.stop_requested(), console);
}

Outcome deploy_on_server(const DeployOptions& options, Context& context) {
  if (!options.tree.repository)
    return base::fail(
        base::Error(base::ErrorKind::invalid, "which repository of the server is not said")
            .hint("--repo NAME; pipeline repo list shows them"));
  PIPELINE_TRY(parse_artifact(options.artifact));
  const Undertaking what{options.environment, options.environment, options.server};
  return carry_out(what, context,
                   [&](const deploy::Observer& observer, const std::stop_token& stop) {
                     return ServerDesk::open(options.server)
                         .and_then([&](const std::unique_ptr<ServerDesk>& desk) {
                           return desk->deploy(options, observer, stop);
                         });
                   });
}

}  // namespace

Outcome execute(const DeployOptions& options, Context& context) {
  if (options.server.url) return deploy_on_server(options, context);
  PIPELINE_ASSIGN(const auto request, prepare_deployment(options, context));
  const Undertaking what{request.key.environment, to_string(request.key), options.server};
  return carry_out(what, context,
                   [&](const deploy::Observer& observer,
                       std::stop_token stop) -> base::Result<deploy::DeploymentResult> {
                     PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
                     // The artifact is one that the user named.
                     return of_a_name(deployer->deploy(request, observer, std::move(stop)));
                   });
}

Outcome execute(const ResumeOptions& options, Context& context) {
  return carry_out(
      options.environment, options.server, context,
      [](EnvironmentDesk& desk, const deploy::EnvironmentKey& key, const deploy::Observer& observer,
         std::stop_token stop) { return desk.resume(key, observer, std::move(stop)); });
}

Outcome execute(const RollbackOptions& options, Context& context) {
  return carry_out(options.environment, options.server, context,
                   [&](EnvironmentDesk& desk, const deploy::EnvironmentKey& key,
                       const deploy::Observer& observer, std::stop_token stop) {
                     return desk.roll_back(key, options.release, observer, std::move(stop));
                   });
}

Outcome execute(const StopOptions& options, Context& context) {
  PIPELINE_ASSIGN(const DeskPlace place, open_desk_place(options.server, context));
  PIPELINE_ASSIGN(const auto key, place.desk->find(options.environment));
  PIPELINE_TRY(place.desk->shut_down(key, [&](const deploy::Progress& progress) {
    context.console.out.write(key.environment + ": " + render::one_line(progress.detail) + "\n");
  }));
  context.console.out.write(key.environment + ": stopped\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
