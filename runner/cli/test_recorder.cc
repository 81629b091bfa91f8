#include "runner/cli/test_recorder.h"

#include "pipelines/report/report_json.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kLargestReport = std::size_t{512} << 20U;

}  // namespace

void TestRecorder::on_event(const run::Event& event) {
  const auto* finished = std::get_if<run::JobFinished>(&event.body);
  if (finished == nullptr || !finished->tests) return;
  if (engine_ == nullptr) {
    early_.push_back(event);
    return;
  }
  if (const auto recorded = record(*finished, event.at); !recorded && !trouble_) {
    trouble_ = recorded.error();
  }
}

void TestRecorder::begin(const engine::Engine& engine) {
  engine_ = &engine;
  for (const run::Event& event : std::exchange(early_, {})) on_event(event);
}

base::Result<> TestRecorder::record(const run::JobFinished& finished, base::TimePoint at) {
  // A stranger's tests say nothing of the project's; its report stays beside its log.
  if (engine_->spec().facts.untrusted) return {};
  PIPELINE_ASSIGN(const store::Paths* const paths, services_.paths());
  PIPELINE_ASSIGN(store::TestHistory* const tests, services_.tests());
  PIPELINE_ASSIGN(const report::TestReport report,
                  load_report(*paths, engine_->id(), finished.job, finished.attempt));
  const store::TestedJob job{.repository = engine_->spec().repository,
                             .pipeline = engine_->spec().pipeline,
                             .job = finished.job,
                             .run = engine_->id(),
                             .attempt = finished.attempt,
                             .tree = engine_->spec().facts.tree,
                             .at = at};
  return tests->record(job, report);
}

base::Result<report::TestReport> load_report(const store::Paths& paths, run::RunId run,
                                             const std::string& job, std::uint32_t attempt) {
  PIPELINE_ASSIGN(
      const std::string text,
      host::read_file(paths.job(run, job, attempt) / report::kReportFile, kLargestReport));
  return report::report_from_json(text);
}

}  // namespace pipeline::cli
