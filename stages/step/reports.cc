#include "stages/step/reports.h"

#include "pipelines/base/reason.h"
#include "pipelines/report/quarantine.h"
#include "pipelines/report/report_json.h"
#include "stages/host/file.h"

namespace pipeline::step {

namespace {

using run::JobStatus;

// Puts a further sentence behind what is known already; its hint too, when there is none.
std::string with(const std::string& reason, const base::Error& error) {
  const base::Reason known = base::split_reason(reason);
  return base::reason_of(known.what + "; " + error.to_string(),
                         known.hint.empty() ? error.hint().value_or("") : known.hint);
}

std::string forgiven(const report::TestReport& report) {
  const std::uint64_t count = report::summarise(report).counts.quarantined;
  return count == 1 ? "the 1 test that failed is quarantined"
                    : "all " + std::to_string(count) + " tests that failed are quarantined";
}

base::Result<> keep(const report::TestReport& report, const std::filesystem::path& directory) {
  return host::write_file(directory / report::kReportFile, report::to_json(report),
                          host::Durability::cached);
}

}  // namespace

Verdict verdict_under(const report::Collected& collected, const Verdict& verdict,
                      bool in_last_command) {
  const auto& unusable = collected.malformed;
  if (verdict.status == JobStatus::succeeded) {
    if (unusable) return verdict_of(*unusable);
    if (collected.missing) return verdict_of(*collected.missing);
    return verdict;
  }
  if (verdict.status != JobStatus::failed) return verdict;
  if (unusable) return {verdict.status, with(verdict.reason, *unusable)};
  const bool forgivable = in_last_command && !collected.missing;
  if (forgivable && report::only_quarantined_failed(collected.report)) {
    return {JobStatus::succeeded, forgiven(collected.report)};
  }
  return verdict;
}

Reported report_on(const model::ReportSpec& spec, const workspace::Leftovers& leftovers,
                   const ReportPlace& place, const std::vector<std::string>& secrets,
                   const Verdict& verdict, bool in_last_command) {
  const auto collected = report::collect(spec, leftovers, place.workspace, secrets);
  if (!collected) {
    // The commands' own failure is worth more than that we could not look at what they left.
    if (verdict.status != JobStatus::succeeded) return {verdict, std::nullopt};
    return {verdict_of(collected.error()), std::nullopt};
  }
  Reported reported{verdict_under(*collected, verdict, in_last_command), std::nullopt};
  const report::TestReport& report = collected->report;
  if (report.tests.empty() && !report.coverage) return reported;
  reported.tests = report::summarise(report);
  if (const auto kept = keep(report, place.log_directory);
      !kept && reported.verdict.status == JobStatus::succeeded) {
    reported.verdict = verdict_of(kept.error());
  }
  return reported;
}

}  // namespace pipeline::step
