#include "stages/step/reports.h"

#include <gtest/gtest.h>

namespace pipeline::step {
namespace {

using run::JobStatus;

report::Collected with_failure(bool quarantined) {
  report::TestCase test;
  test.name = "a";
  test.status = report::TestStatus::failed;
  test.quarantined = quarantined;
  report::Collected collected;
  collected.report.tests = {test};
  return collected;
}

const Verdict kFailed = {JobStatus::failed, "command 1 exited with 8"};

TEST(ReportVerdict, ASuccessNeedsTheReportsThatItNames) {
  report::Collected collected;
  EXPECT_EQ(verdict_under(collected, {}, true).status, JobStatus::succeeded);
  collected.missing = base::Error(base::ErrorKind::failed, "no file");
  EXPECT_EQ(verdict_under(collected, {}, true).status, JobStatus::failed);
  EXPECT_EQ(verdict_under(collected, {}, true).reason, "no file");
  EXPECT_EQ(verdict_under(collected, kFailed, true).reason, kFailed.reason)
      << "commands that failed may not have come to it";
}

TEST(ReportVerdict, AFailureSaysWhatIsWrongWithItsReportToo) {
  report::Collected collected;
  collected.malformed = base::Error(base::ErrorKind::failed, "bad xml").hint("mend it");
  const Verdict verdict = verdict_under(collected, kFailed, true);
  EXPECT_EQ(verdict.status, JobStatus::failed);
  EXPECT_EQ(verdict.reason, "command 1 exited with 8; bad xml\nhint: mend it");
}

TEST(ReportVerdict, QuarantineForgivesTheLastCommandOnly) {
  EXPECT_EQ(verdict_under(with_failure(true), kFailed, true).status, JobStatus::succeeded);
  EXPECT_EQ(verdict_under(with_failure(true), kFailed, false).status, JobStatus::failed);
  EXPECT_EQ(verdict_under(with_failure(false), kFailed, true).status, JobStatus::failed);
  EXPECT_EQ(verdict_under({}, kFailed, true).status, JobStatus::failed);
  report::Collected partial = with_failure(true);
  partial.missing = base::Error(base::ErrorKind::failed, "no file");
  EXPECT_EQ(verdict_under(partial, kFailed, true).status, JobStatus::failed);
}

TEST(ReportVerdict, AJobThatWasStoppedStaysStopped) {
  for (const auto status : {JobStatus::timed_out, JobStatus::cancelled, JobStatus::errored}) {
    EXPECT_EQ(verdict_under(with_failure(true), {status, "so"}, true).status, status);
  }
}

}  // namespace
}  // namespace pipeline::step
