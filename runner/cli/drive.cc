#include "runner/cli/drive.h"

#include <thread>

#include "pipelines/base/text.h"
#include "runner/cli/child_run.h"
#include "runner/cli/display.h"
#include "runner/cli/group_gate.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/local_runs.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/run_place.h"
#include "runner/cli/test_recorder.h"
#include "runner/cli/trace_export.h"
#include "runner/engine/loop.h"

namespace pipeline::cli {

namespace {

std::string how_to_go_on(const engine::Engine& engine) {
  const render::CommandPlace commands = commands_here();
  return render::how_to_approve(engine.id(), engine.plan(), engine.state(), commands) +
         commands.command("retry", std::to_string(engine.id())) + " goes on with it then\n";
}

Console& console_for(const DriveOptions& options, Context& context) {
  if (options.console != nullptr) return *options.console;
  return options.detachment != nullptr ? options.detachment->console() : context.console;
}

// `what` is wrong with something that the run does not depend on.
void warn_of(const std::string& what, const base::Error& trouble, Console& console) {
  console.err.write(render::paint("warning:", render::Tint::warn, console.err_color) + " " + what +
                    ": " + base::printable(trouble.to_string()) + "\n");
}

// Whoever fails before it drives the run ends nothing that it took up of it.
class UnlessDriven {
 public:
  explicit UnlessDriven(link::Link& worker) : worker_(&worker) {}
  ~UnlessDriven() {
    if (worker_ != nullptr) worker_->leave();
  }
  UnlessDriven(const UnlessDriven&) = delete;
  UnlessDriven& operator=(const UnlessDriven&) = delete;
  void it_is_driven() { worker_ = nullptr; }

 private:
  link::Link* worker_;
};

}  // namespace

std::uint32_t jobs_at_a_time(std::uint32_t wished) {
  return wished > 0 ? wished : std::max(1U, std::thread::hardware_concurrency());
}

Outcome drive(const DriveOptions& options, Context& context, const MakeEngine& make_engine) {
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(engine::Workbench* const workbench, context.services.workbench());

  PIPELINE_ASSIGN(const auto loop, engine::Loop::make());
  // Before the run's lease is taken: from then on `pipeline cancel` may signal this process.
  PIPELINE_ASSIGN(const auto interrupts,
                  Interrupts::watch([&loop](int /*count*/) { loop->interrupt(); }));
  PIPELINE_ASSIGN(auto worker, context.services.make_worker(
                                   options.sandbox, options.jobs_live,
                                   child_runs(context.services, options.secrets, options.sandbox)));
  UnlessDriven leaves_jobs(*worker);
  const base::Clock& clock = context.services.clock();
  Console& console = console_for(options, context);
  PIPELINE_ASSIGN(const auto runs, local_runs(context.services));
  Display display(console, options.format, clock, commands_here());
  TestRecorder recorder(context.services);

  engine::Settings settings;
  settings.find_secrets = [&](const std::set<std::string>& names, const std::string& repository) {
    return options.secrets.fetch(names, repository, context.services);
  };
  if (options.jobs > 0) settings.jobs = options.jobs;
  settings.sandboxed = options.sandbox == SandboxWish::full;
  settings.observers.emplace_back([&display](const run::Event& event, const run::RunState&,
                                             const plan::Plan&) { display.on_event(event); });
  settings.observers.emplace_back([&recorder](const run::Event& event, const run::RunState&,
                                              const plan::Plan&) { recorder.on_event(event); });
  PIPELINE_ASSIGN(const auto engine,
                  make_engine({*store, *worker, *loop, clock, *workbench}, std::move(settings)));
  recorder.begin(*engine);
  // After the run has its number, which is what the others of its group call it by.
  PIPELINE_ASSIGN(const auto gate, GroupGate::join(*paths, *store, *engine));
  if (options.detachment != nullptr) {
    PIPELINE_TRY(options.detachment->leave(engine->id(), paths->coordinator_log(engine->id())));
  }
  PIPELINE_ASSIGN(const auto history, store->events(engine->id()));
  PIPELINE_TRY(
      display.show(engine->id(), engine->plan(), history, log_tail_of(*runs, engine->id())));
  const auto waits = [&] {
    return options.no_wait && run::waits_for_people(engine->state(), engine->plan());
  };
  leaves_jobs.it_is_driven();
  PIPELINE_TRY(loop->run(*engine, clock, waits, gate.get()));
  display.finish();
  if (recorder.trouble())
    warn_of("the history of tests misses this run", *recorder.trouble(), console);
  // Before the lease goes: a run that nobody drives has nothing left on the machine.
  worker.reset();
  if (!engine->finished()) {
    if (options.format == Format::text) console.out.write(how_to_go_on(*engine));
    return ExitCode::waiting;
  }
  if (const auto sent = export_trace(engine->id(), engine->plan(), *store); !sent)
    warn_of("nobody has the trace of this run", sent.error(), console);
  return exit_code_of(engine->state().status);
}

}  // namespace pipeline::cli
