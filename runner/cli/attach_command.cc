// pipeline attach: follows a run that goes on without its terminal; one that lost its driver gets a
// new one first.
#include <poll.h>
#include <sys/eventfd.h>

#include <chrono>

#include "runner/cli/commands.h"
#include "runner/cli/detachment.h"
#include "runner/cli/display.h"
#include "runner/cli/drive.h"
#include "runner/cli/followed_run.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/remote_run.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error not_detached(run::RunId id) {
  const std::string number = std::to_string(id);
  return Error(ErrorKind::invalid,
               "run " + number +
                   " was interrupted, and did not begin with --detach: none of it goes on")
      .hint(commands_here().command("retry", number) + " runs again what it did not finish");
}

// In the process that may leave the terminal: sees to it that somebody drives the run.
Outcome see_to_driver(const AttachOptions& options, SecretSources secrets, Context& context,
                      Detachment& detachment) {
  // A Ctrl-C is for the process that stays, from the first moment.
  PIPELINE_TRY(detachment.leave_session());
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const FollowedRun run, FollowedRun::open(id, *place.runs));
  const auto nothing_to_do = [&]() -> Outcome {
    PIPELINE_TRY(detachment.name(id));
    return ExitCode::success;
  };
  if (!run.is_over() || run::is_terminal(run.state().status)) return nothing_to_do();
  if (!run.state().detached) return base::fail(not_detached(id));
  DriveOptions driving{std::move(secrets), options.jobs, options.sandbox};
  driving.leave_by(detachment);
  Outcome driven =
      drive(driving, context, [&](const engine::Surroundings& around, engine::Settings settings) {
        return engine::Engine::resume(around, std::move(settings), id, run.plan());
      });
  // Somebody was faster.
  if (!driven && driven.error().kind() == ErrorKind::conflict) return nothing_to_do();
  return driven;
}

// A wait that Ctrl-C ends.
class Leaving {
 public:
  static Result<std::unique_ptr<Leaving>> make() {
    std::unique_ptr<Leaving> made(new Leaving(host::UniqueFd(::eventfd(0, EFD_CLOEXEC))));
    PIPELINE_ASSIGN(made->interrupts_, Interrupts::watch([wish = made->wish_.get()](int /*count*/) {
                      ::eventfd_write(wish, 1);
                    }));
    return made;
  }
  bool wait(std::chrono::milliseconds patience) const {
    pollfd wished{.fd = wish_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&wished, 1, static_cast<int>(patience.count())) > 0;
  }

 private:
  explicit Leaving(host::UniqueFd wish) : wish_(std::move(wish)) {}
  host::UniqueFd wish_;
  std::unique_ptr<Interrupts> interrupts_;
};

Error driver_died(run::RunId id) {
  const std::string number = std::to_string(id);
  return Error(ErrorKind::unavailable, "the process that drove run " + number + " died")
      .hint(commands_here().command("attach", number) + " goes on with it");
}

std::string how_to_come_back(run::RunId id, const Terminal& terminal) {
  const std::string number = std::to_string(id);
  // The terminal wrote ^C into the line.
  const render::CommandPlace commands = commands_here();
  return std::string(terminal.is_terminal() ? "\n" : "") + "run " + number + " goes on; " +
         commands.command("attach", number) + " comes back to it, " +
         commands.command("cancel", number) + " stops it\n";
}

Outcome follow(run::RunId id, const AttachOptions& options, Context& context) {
  PIPELINE_ASSIGN(const auto leaving, Leaving::make());
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(FollowedRun run, FollowedRun::open(id, *place.runs));
  Display display(context.console, options.format, context.services.clock(), place.commands,
                  render::CtrlC::leaves);
  std::size_t shown = 0;
  const auto show_news = [&] {
    for (; shown < run.events().size(); ++shown) display.on_event(run.events()[shown]);
  };
  show_news();
  PIPELINE_TRY(display.show(id, run.plan(), {}, log_tail_of(*place.runs, id)));
  // Also until its driver has cleaned up: then nothing of it is left.
  while (!run.is_over() || run.is_driven()) {
    if (leaving->wait(place.patience)) {
      display.leave();
      context.console.err.write(how_to_come_back(id, context.console.err));
      return ExitCode::cancelled;
    }
    PIPELINE_TRY(run.refresh());
    show_news();
  }
  if (!run::is_terminal(run.state().status)) {
    display.leave();
    return base::fail(driver_died(id));
  }
  display.finish();
  return exit_code_of(run.state().status);
}

}  // namespace

Outcome execute(const AttachOptions& options, Context& context) {
  if (is_of_server(options.server)) return attach_to_server(options, context);
  // Before there are two processes: neither keeps them in its environment.
  PIPELINE_ASSIGN(auto secrets, SecretSources::open(options.secrets, context));
  // From here on there are two, and neither has opened anything.
  PIPELINE_ASSIGN(const auto detachment, Detachment::split());
  if (!detachment->stays()) {
    return see_to_driver(options, std::move(secrets), context, *detachment);
  }
  const auto other = detachment->wait();
  if (const auto* ended = std::get_if<ExitCode>(&other)) return *ended;
  return follow(std::get<run::RunId>(other), options, context);
}

}  // namespace pipeline::cli
