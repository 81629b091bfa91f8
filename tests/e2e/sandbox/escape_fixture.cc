#include "tests/e2e/sandbox/escape_fixture.h"

#include <unistd.h>

namespace pipeline::sandbox {

void EscapeTest::expect_contained(Control control, const std::string& attempt) {
  expect_contained(plan({attempt}), attempt, control);
}

void EscapeTest::expect_contained(SandboxPlan job, const std::string& attempt, Control control) {
  expect_fails_inside(std::move(job), attempt);
  if (control == Control::needs_root && ::geteuid() != 0) {
    GTEST_SKIP() << "contained; that it works outside only root can show";
  }
  const std::string seen = outside(attempt);
  const bool works = seen.find("ESCAPED") != std::string::npos;
  if (control == Control::where_offered && !works) {
    GTEST_SKIP() << "contained; that it works outside cannot be shown here: " << seen;
  }
  EXPECT_TRUE(works) << "the attempt proves nothing, it fails outside too: " << attempt << "\n"
                     << seen;
}

void EscapeTest::expect_fails_inside(SandboxPlan job, const std::string& attempt) const {
  job.shell = {"/bin/sh"};
  const Ran ran = run(job);
  EXPECT_EQ(ran.output.find("ESCAPED"), std::string::npos) << attempt << "\n" << ran.output;
  EXPECT_NE(ran.result.cause, SandboxResult::Cause::setup) << ran.result.reason;
  EXPECT_GE(ran.result.commands_started, 1U);
}

}  // namespace pipeline::sandbox
