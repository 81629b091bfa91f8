// pipeline tests.
#include "runner/cli/commands.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/tests.h"
#include "runner/cli/run_names.h"
#include "runner/cli/test_recorder.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kMostPastResults = 50;

// The attempt that left a job's report; of a job whose result was known, another run's.
struct ReportSource {
  run::RunId run = 0;
  std::string job;
  std::uint32_t attempt = 1;
};

std::map<std::string, ReportSource> sources_of(run::RunId id,
                                               const std::vector<run::Event>& events) {
  std::map<std::string, ReportSource> sources;
  for (const run::Event& event : events) {
    if (const auto* queued = std::get_if<run::JobQueued>(&event.body)) {
      sources.erase(queued->job);
    } else if (const auto* finished = std::get_if<run::JobFinished>(&event.body)) {
      if (finished->tests) sources[finished->job] = {id, finished->job, finished->attempt};
    } else if (const auto* cached = std::get_if<run::JobCached>(&event.body)) {
      if (!cached->tests) continue;
      sources[cached->job] = {cached->from_run, cached->from_job, cached->from_attempt};
    }
  }
  return sources;
}

std::vector<render::JobTests> tests_of(run::RunId id, const engine::StoredRun& stored,
                                       const store::Paths& paths) {
  const auto sources = sources_of(id, stored.events);
  std::vector<render::JobTests> jobs;
  for (const plan::Job& job : stored.plan.jobs) {
    const auto source = sources.find(job.name);
    if (source == sources.end()) continue;
    render::JobTests tests{job.name, {}, {}};
    if (source->second.run != id) tests.note = "from run " + std::to_string(source->second.run);
    auto report =
        load_report(paths, source->second.run, source->second.job, source->second.attempt);
    if (report) {
      tests.report = *std::move(report);
    } else {
      tests.note = "the report cannot be read: " + report.error().to_string();
    }
    jobs.push_back(std::move(tests));
  }
  return jobs;
}

base::Error no_report(run::RunId id) {
  return base::Error(base::ErrorKind::invalid, "run " + std::to_string(id) + " left no test report")
      .hint("a stage names its reports: reports = { junit = [\"build/junit.xml\"] }");
}

Outcome show_history(const std::string& pattern, Format format, const run::RunSpec& spec,
                     Context& context) {
  PIPELINE_ASSIGN(store::TestHistory* const history, context.services.tests());
  PIPELINE_ASSIGN(const auto results,
                  history->results(spec.repository, spec.pipeline, pattern, kMostPastResults));
  if (results.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "no test \"" + pattern + "\" is known")
                          .hint("pipeline tests --json shows the names; `*` stands for any part"));
  }
  Console& console = context.console;
  console.out.write(format == Format::json
                        ? render::history_json(results)
                        : render::history_text(results, context.services.clock().now(),
                                               console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace

Outcome execute(const TestsOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_ASSIGN(const engine::StoredRun stored, of_a_name(engine::load_run(*store, id)));
  if (options.history) {
    return show_history(*options.history, options.format, stored.spec, context);
  }
  const auto jobs = tests_of(id, stored, *paths);
  if (jobs.empty()) return base::fail(no_report(id));
  PIPELINE_ASSIGN(store::TestHistory* const history, context.services.tests());
  PIPELINE_ASSIGN(const auto flaky, history->flaky(stored.spec.repository, stored.spec.pipeline));
  Console& console = context.console;
  if (options.format == Format::json) {
    console.out.write(render::tests_json(jobs, flaky, options.wanted));
    return ExitCode::success;
  }
  if (options.wanted == render::TestsWanted::all) {
    console.out.write(render::headline(id, stored.plan) + "\n\n");
  }
  console.out.write(
      render::tests_text(jobs, flaky, options.wanted, console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
