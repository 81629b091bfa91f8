#include "runner/cli/quiet_run.h"

#include "runner/cli/child_run.h"
#include "runner/cli/test_recorder.h"

namespace pipeline::cli {

namespace {

engine::Settings settings_of(const QuietRun& quiet, TestRecorder& recorder) {
  engine::Settings settings;
  settings.find_secrets = [&quiet](const std::set<std::string>& names,
                                   const std::string& repository) {
    return quiet.secrets.fetch(names, repository, quiet.services);
  };
  settings.sandboxed = quiet.sandbox == SandboxWish::full;
  settings.observers = quiet.observers;
  settings.observers.emplace_back(
      [&recorder](const run::Event& event, const run::RunState& /*state*/,
                  const plan::Plan& /*plan*/) { recorder.on_event(event); });
  return settings;
}

}  // namespace

base::Result<run::RunState> drive_quietly(const QuietRun& quiet, const MakeEngine& make_engine) {
  Services& services = quiet.services;
  PIPELINE_ASSIGN(const store::Paths* const paths, services.paths());
  PIPELINE_ASSIGN(store::RunStore* const store, services.runs());
  PIPELINE_ASSIGN(engine::Workbench* const workbench, services.workbench());
  PIPELINE_ASSIGN(auto worker,
                  services.make_worker(quiet.sandbox, JobLives::with_us,
                                       child_runs(services, quiet.secrets, quiet.sandbox)));
  TestRecorder recorder(services);
  const base::Clock& clock = services.clock();
  PIPELINE_ASSIGN(const auto engine, make_engine({*store, *worker, quiet.loop, clock, *workbench},
                                                 settings_of(quiet, recorder)));
  recorder.begin(*engine);
  if (quiet.began) quiet.began(engine->id());
  PIPELINE_ASSIGN(const auto gate, GroupGate::join(*paths, *store, *engine, quiet.stop_here));
  const auto driven = quiet.loop.run(*engine, clock, quiet.leaves, gate.get());
  // Before its lease and its place in the group go: nothing of it is left on the machine then.
  worker.reset();
  PIPELINE_TRY(driven);
  return engine->state();
}

}  // namespace pipeline::cli
