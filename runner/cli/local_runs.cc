#include "runner/cli/local_runs.h"

#include "runner/cli/test_recorder.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"
#include "stages/log/reader.h"

namespace pipeline::cli {

namespace {

using base::Result;

class LocalRuns final : public RunReader {
 public:
  LocalRuns(Services& services, const store::Paths& paths) : services_(services), paths_(paths) {}

  Result<std::vector<store::RunSummary>> list(const store::RunQuery& query) override {
    PIPELINE_ASSIGN(store::RunStore* const store, services_.runs());
    return store->list(query);
  }

  Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after) override {
    PIPELINE_ASSIGN(store::RunStore* const store, services_.runs());
    return store->events(id, after);
  }

  Result<bool> is_driven(run::RunId id) override {
    return store::lease_holder(paths_, id).has_value();
  }

  Result<std::vector<WaitingJob>> waiting_jobs(run::RunId /*id*/) override {
    return std::vector<WaitingJob>();
  }

  Result<std::unique_ptr<log::LogSource>> open_log(
      const AttemptName& name, const std::optional<std::string>& service) override {
    auto directory = paths_.job(name.run, name.job, name.attempt);
    if (service) directory = log::service_log(directory, *service);
    PIPELINE_ASSIGN(log::LogReader reader, log::LogReader::open(directory));
    return std::make_unique<log::LogReader>(std::move(reader));
  }

  Result<report::TestReport> report(const AttemptName& name) override {
    return load_report(paths_, name.run, name.job, name.attempt);
  }

  Result<std::vector<store::PastResult>> past_results(run::RunId id, const std::string& pattern,
                                                      std::size_t limit) override {
    PIPELINE_ASSIGN(const run::RunSpec spec, spec_of(id));
    PIPELINE_ASSIGN(store::TestHistory* const history, services_.tests());
    return history->results(spec.repository, spec.pipeline, pattern, limit);
  }

  Result<std::vector<store::FlakyTest>> flaky_tests(run::RunId id) override {
    PIPELINE_ASSIGN(const run::RunSpec spec, spec_of(id));
    PIPELINE_ASSIGN(store::TestHistory* const history, services_.tests());
    return history->flaky(spec.repository, spec.pipeline);
  }

  Result<> unpack(run::RunId /*id*/, const base::Digest& artifact,
                  const std::filesystem::path& destination) override {
    PIPELINE_ASSIGN(const artifact::ArtifactStore* const artifacts, services_.artifacts());
    return artifacts->unpack(artifact, destination);
  }

 private:
  Result<run::RunSpec> spec_of(run::RunId id) {
    PIPELINE_ASSIGN(store::RunStore* const store, services_.runs());
    return engine::load_spec(*store, id);
  }

  Services& services_;
  const store::Paths& paths_;
};

}  // namespace

Result<std::unique_ptr<RunReader>> local_runs(Services& services) {
  PIPELINE_ASSIGN(const store::Paths* const paths, services.paths());
  return std::make_unique<LocalRuns>(services, *paths);
}

}  // namespace pipeline::cli
