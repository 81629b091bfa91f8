// Takes the reports of a job out of what it left, whatever became of its commands. Nothing is
// followed out of the workspace; sizes, counts and depth are bounded; what is kept is masked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/stage.h"
#include "pipelines/report/test_report.h"
#include "stages/workspace/layer_store.h"

namespace pipeline::report {

inline constexpr std::uint64_t kLargestReport = 64UL << 20U;  // bytes of one file
inline constexpr std::uint64_t kMostReports = 256UL << 20U;   // bytes of all of one job's
inline constexpr std::size_t kMostReportFiles = 10'000;

struct Collected {
  TestReport report;  // what could be read
  // A report that was named and is not there: expected of commands that failed early.
  std::optional<base::Error> missing;
  // One that is there and cannot be used: the job should say so, whatever became of it.
  std::optional<base::Error> malformed;
};

// `workspace` is where the job saw its files: places in the report are told relative to it. Files
// that the job only found there (of the source, of stages before) are none of its reports.
base::Result<Collected> collect(const model::ReportSpec& spec,
                                const workspace::Leftovers& leftovers,
                                const std::filesystem::path& workspace,
                                const std::vector<std::string>& secrets);

}  // namespace pipeline::report
