// What commands read of runs, wherever they are: on this machine (local_runs.h) or a server's
// (server_runs.h). A port; tests/contract/runner/cli is its contract.
//
// Errors: ErrorKind::not_found for a run, a log or a report that there is not; otherwise those of
// the storage or of the connection. Threads: one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/report/test_report.h"
#include "pipelines/run/event.h"
#include "runner/store/run_store.h"
#include "runner/store/test_history.h"
#include "stages/log/source.h"

namespace pipeline::cli {

// One attempt of a job.
struct AttemptName {
  run::RunId run = 0;
  std::string job;
  std::uint32_t attempt = 1;
};

class RunReader {
 public:
  virtual ~RunReader() = default;

  // Newest first.
  virtual base::Result<std::vector<store::RunSummary>> list(const store::RunQuery& query) = 0;
  // From `after` + 1 on, oldest first.
  virtual base::Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after) = 0;
  // Whether somebody drives the run now; nobody drives one that there is not.
  virtual base::Result<bool> is_driven(run::RunId id) = 0;
  // Its jobs that no agent has yet, and why; those of this machine wait for nobody.
  struct WaitingJob {
    std::string job;
    std::string reason;
  };
  virtual base::Result<std::vector<WaitingJob>> waiting_jobs(run::RunId id) = 0;
  // What the job printed, or one of its services. Outlived by the reader.
  virtual base::Result<std::unique_ptr<log::LogSource>> open_log(
      const AttemptName& name, const std::optional<std::string>& service) = 0;
  virtual base::Result<report::TestReport> report(const AttemptName& name) = 0;
  // What tests of a run's pipeline came to before, as store::TestHistory tells it.
  virtual base::Result<std::vector<store::PastResult>> past_results(run::RunId id,
                                                                    const std::string& pattern,
                                                                    std::size_t limit) = 0;
  virtual base::Result<std::vector<store::FlakyTest>> flaky_tests(run::RunId id) = 0;
  // What the run made; verified, into a directory that must not exist and appears whole or not at
  // all.
  virtual base::Result<> unpack(run::RunId id, const base::Digest& artifact,
                                const std::filesystem::path& destination) = 0;
};

}  // namespace pipeline::cli
