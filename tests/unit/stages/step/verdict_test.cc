#include "stages/step/verdict.h"

#include <gtest/gtest.h>

#include "stages/step/step.h"

namespace pipeline::step {
namespace {

using run::JobStatus;
using Cause = sandbox::SandboxResult::Cause;

Verdict of(Cause cause, int exit_code = 0, const std::string& reason = "") {
  sandbox::SandboxResult result;
  result.cause = cause;
  result.commands_started = 2;
  result.exit_code = exit_code;
  result.reason = reason;
  return verdict_of(result, 2, std::chrono::minutes(10));
}

TEST(Verdict, OfAnEnd) {
  struct Row {
    Verdict verdict;
    JobStatus status;
    std::string reason;
  };
  const std::vector<Row> rows = {
      {of(Cause::exited), JobStatus::succeeded, ""},
      {of(Cause::exited, 1), JobStatus::failed, "command 2 exited with 1"},
      {of(Cause::timed_out), JobStatus::timed_out, "timed out after 10m"},
      {of(Cause::cancelled), JobStatus::cancelled, "cancelled"},
      {of(Cause::limit, 0, "memory limit of 512 MiB exceeded"), JobStatus::failed,
       "memory limit of 512 MiB exceeded"},
      {of(Cause::setup, 0, "no user namespaces"), JobStatus::errored, "no user namespaces"},
      {of(Cause::service, 0, "service db exited with 1"), JobStatus::failed,
       "service db exited with 1"},
      {of(Cause::setup), JobStatus::errored, "the sandbox could not be set up"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(row.verdict.status, row.status) << row.reason;
    EXPECT_EQ(row.verdict.reason, row.reason);
  }
}

TEST(Verdict, CommandsThatNeverRanAreNoSuccess) {
  sandbox::SandboxResult result;
  result.commands_started = 1;
  EXPECT_EQ(verdict_of(result, 2, base::Duration(0)).status, JobStatus::errored);
}

TEST(Verdict, OfAnErrorTellsOursFromTheJobs) {
  using base::Error;
  using base::ErrorKind;
  const Verdict missing = verdict_of(Error(ErrorKind::failed, "no output").hint("make it"));
  EXPECT_EQ(missing.status, JobStatus::failed);
  EXPECT_EQ(missing.reason, "no output\nhint: make it");
  for (const ErrorKind ours : {ErrorKind::exhausted, ErrorKind::io, ErrorKind::corrupt,
                               ErrorKind::permission, ErrorKind::not_found})
    EXPECT_EQ(verdict_of(Error(ours, "x")).status, JobStatus::errored);
}

TEST(ArtifactVariable, IsUpperCaseAndPlain) {
  EXPECT_EQ(artifact_variable("shop"), "ARTIFACT_SHOP");
  EXPECT_EQ(artifact_variable("my-app.v2"), "ARTIFACT_MY_APP_V2");
  EXPECT_EQ(artifact_variable("\xc3\xa9"), "ARTIFACT___");
}

}  // namespace
}  // namespace pipeline::step
