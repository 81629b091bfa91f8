#include "tests/support/store/memory_test_history.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "pipelines/report/quarantine.h"

namespace pipeline::support {

using base::Result;
using report::TestStatus;
using store::FlakyTest;
using store::PastResult;

Result<> MemoryTestHistory::record(const store::TestedJob& job, const report::TestReport& report) {
  std::erase_if(rows_, [&](const Row& row) {
    return row.repository == job.repository && row.pipeline == job.pipeline &&
           row.result.job == job.job && row.result.run == job.run &&
           row.result.attempt == job.attempt;
  });
  for (const report::TestCase& test : report.tests) add(job, test);
  return {};
}

void MemoryTestHistory::add(const store::TestedJob& job, const report::TestCase& test) {
  const PastResult result{job.job,      report::full_name(test),
                          job.run,      job.attempt,
                          job.tree,     job.at,
                          test.status,  test.flaky,
                          test.duration};
  const auto same_test = [&](const Row& row) {
    return row.repository == job.repository && row.pipeline == job.pipeline &&
           row.result.job == job.job && row.result.test == result.test;
  };
  std::erase_if(rows_, [&](const Row& row) {
    return same_test(row) && row.result.run == job.run && row.result.attempt == job.attempt &&
           row.result.status == test.status;
  });
  rows_.push_back({job.repository, job.pipeline, result});
  std::vector<run::RunId> runs;
  for (const Row& row : rows_) {
    if (same_test(row)) runs.push_back(row.result.run);
  }
  if (runs.size() <= store::kKeptResults) return;
  std::ranges::sort(runs, std::ranges::greater{});
  const run::RunId oldest = runs[store::kKeptResults];
  std::erase_if(rows_, [&](const Row& row) { return same_test(row) && row.result.run < oldest; });
}

Result<std::vector<PastResult>> MemoryTestHistory::results(const std::string& repository,
                                                           const std::string& pipeline,
                                                           const std::string& pattern,
                                                           std::size_t limit) {
  std::vector<PastResult> results;
  for (const Row& row : rows_) {
    if (row.repository == repository && row.pipeline == pipeline &&
        report::matches_name(pattern, row.result.test)) {
      results.push_back(row.result);
    }
  }
  std::ranges::sort(results, {}, [](const PastResult& result) {
    return std::tuple(~result.run, ~result.attempt, result.job, result.test,
                      report::to_string(result.status));
  });
  if (results.size() > limit) results.resize(limit);
  return results;
}

Result<std::vector<store::TestedAttempt>> MemoryTestHistory::latest(const std::string& repository,
                                                                    const std::string& pipeline) {
  const auto age = [](const store::TestedAttempt& attempt) {
    return std::tuple(attempt.run, attempt.attempt, attempt.job);
  };
  std::map<std::string, store::TestedAttempt> by_job;
  for (const Row& row : rows_) {
    if (row.repository != repository || row.pipeline != pipeline) continue;
    const store::TestedAttempt attempt{row.result.job, row.result.run, row.result.attempt};
    const auto [known, is_new] = by_job.emplace(attempt.job, attempt);
    if (!is_new && age(known->second) < age(attempt)) known->second = attempt;
  }
  std::vector<store::TestedAttempt> attempts;
  attempts.reserve(by_job.size());
  for (const auto& [job, attempt] : by_job) attempts.push_back(attempt);
  std::ranges::sort(attempts, {}, age);
  return attempts;
}

Result<std::vector<FlakyTest>> MemoryTestHistory::flaky(const std::string& repository,
                                                        const std::string& pipeline) {
  struct Tally {
    std::uint64_t passed = 0, failed = 0;
    run::RunId latest = 0;
  };
  std::map<std::pair<std::string, std::string>, std::map<std::string, Tally>> tests;
  for (const Row& row : rows_) {
    const PastResult& result = row.result;
    if (row.repository != repository || row.pipeline != pipeline || result.tree.empty()) continue;
    Tally& tally = tests[{result.job, result.test}][result.tree];
    if (result.status == TestStatus::passed) ++tally.passed;
    if (result.status == TestStatus::failed || result.status == TestStatus::errored) ++tally.failed;
    tally.latest = std::max(tally.latest, result.run);
  }
  std::vector<FlakyTest> flaky;
  for (const auto& [name, trees] : tests) {
    std::optional<FlakyTest> latest;
    run::RunId run = 0;
    for (const auto& [tree, tally] : trees) {
      if (tally.passed == 0 || tally.failed == 0 || (latest && tally.latest < run)) continue;
      latest = {name.first, name.second, tree, tally.passed, tally.failed};
      run = tally.latest;
    }
    if (latest) flaky.push_back(*latest);
  }
  return flaky;
}

}  // namespace pipeline::support
