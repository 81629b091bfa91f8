// What every test came to in the runs so far, so that one test can be followed across them. Derived
// from the reports beside the logs: losing it loses no run.
//
// A test is known by repository, pipeline, job and full name (pipelines/report). Of each the newest
// kKeptResults results are kept.
// Threads: an object belongs to one thread; several may share one store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/report/test_report.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

inline constexpr std::size_t kKeptResults = 200;

// The attempt whose report it is.
struct TestedJob {
  std::string repository;
  std::string pipeline;
  std::string job;
  run::RunId run = 0;
  std::uint32_t attempt = 1;
  std::string tree;  // git tree id of what was tested
  base::TimePoint at;
};

struct PastResult {
  std::string job;
  std::string test;
  run::RunId run = 0;
  std::uint32_t attempt = 1;
  std::string tree;
  base::TimePoint at;
  report::TestStatus status = report::TestStatus::passed;
  bool flaky = false;
  base::Duration duration{0};
  bool operator==(const PastResult&) const = default;
};

// Both results on one and the same tree.
struct FlakyTest {
  std::string job;
  std::string test;
  std::string tree;  // the latest such
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;  // with an error, too
  bool operator==(const FlakyTest&) const = default;
};

// One whose report may still lie beside its log.
struct TestedAttempt {
  std::string job;
  run::RunId run = 0;
  std::uint32_t attempt = 1;
  bool operator==(const TestedAttempt&) const = default;
};

class TestHistory {
 public:
  virtual ~TestHistory() = default;

  // All or nothing, durable like a run's events. The same attempt again replaces what was there.
  virtual base::Result<> record(const TestedJob& job, const report::TestReport& report) = 0;
  // Results of the tests that `pattern` (pipelines/report/quarantine.h) names, newest first, at
  // most `limit`.
  virtual base::Result<std::vector<PastResult>> results(const std::string& repository,
                                                        const std::string& pipeline,
                                                        const std::string& pattern,
                                                        std::size_t limit) = 0;
  // Of every job that has results the newest attempt, oldest run first.
  virtual base::Result<std::vector<TestedAttempt>> latest(const std::string& repository,
                                                          const std::string& pipeline) = 0;
  // By job and name.
  virtual base::Result<std::vector<FlakyTest>> flaky(const std::string& repository,
                                                     const std::string& pipeline) = 0;
};

}  // namespace pipeline::store
