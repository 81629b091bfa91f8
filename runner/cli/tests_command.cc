// pipeline tests.
#include "runner/cli/commands.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/tests.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kMostPastResults = 50;

// The attempts that left the reports of jobs; of a job whose result was known, another run's.
std::map<std::string, AttemptName> sources_of(run::RunId id,
                                              const std::vector<run::Event>& events) {
  std::map<std::string, AttemptName> sources;
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
                                       RunReader& runs) {
  const auto sources = sources_of(id, stored.events);
  std::vector<render::JobTests> jobs;
  for (const plan::Job& job : stored.plan.jobs) {
    const auto source = sources.find(job.name);
    if (source == sources.end()) continue;
    render::JobTests tests{job.name, {}, {}};
    if (source->second.run != id) tests.note = "from run " + std::to_string(source->second.run);
    auto report = runs.report(source->second);
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

Outcome show_history(const std::string& pattern, Format format, run::RunId id,
                     const RunPlace& place, Context& context) {
  PIPELINE_ASSIGN(const auto results, place.runs->past_results(id, pattern, kMostPastResults));
  if (results.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "no test \"" + pattern + "\" is known")
                          .hint(place.commands.command("tests", "--json") +
                                " shows the names; `*` stands for any part"));
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
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  RunReader& runs = *place.runs;
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const engine::StoredRun stored, load_run(runs, id));
  if (options.history) {
    return show_history(*options.history, options.format, id, place, context);
  }
  const auto jobs = tests_of(id, stored, runs);
  if (jobs.empty()) return base::fail(no_report(id));
  PIPELINE_ASSIGN(const auto flaky, runs.flaky_tests(id));
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
