// What a job's reports change of its outcome. Collects them, keeps the whole report beside the log,
// and decides what a missing, an unusable or a quarantined one means.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/report/collect.h"
#include "stages/step/verdict.h"

namespace pipeline::step {

struct ReportPlace {
  std::filesystem::path workspace;      // where the job saw its files
  std::filesystem::path log_directory;  // receives report::kReportFile
};

struct Reported {
  Verdict verdict;
  std::optional<report::TestSummary> tests;  // none: nothing was left
};

// `in_last_command`: it failed in the last of its commands, by exit code, so that nothing was left
// undone when its failing tests are forgiven.
Reported report_on(const model::ReportSpec& spec, const workspace::Leftovers& leftovers,
                   const ReportPlace& place, const std::vector<std::string>& secrets,
                   const Verdict& verdict, bool in_last_command);

// The pure part: what `verdict` becomes under what was collected.
Verdict verdict_under(const report::Collected& collected, const Verdict& verdict,
                      bool in_last_command);

}  // namespace pipeline::step
