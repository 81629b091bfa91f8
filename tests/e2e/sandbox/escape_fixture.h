// An attempt to leave a sandbox, tried twice: inside, where it must fail, and outside, as the same
// user, where it must work, so that the attempt itself is proved.
//
// An attempt is a shell command that prints ESCAPED when it succeeds.
#pragma once

#include <string>

#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {

class EscapeTest : public SandboxTest {
 protected:
  // What the control takes. Where it cannot be had, the test skips once the sandbox was seen to
  // hold.
  enum class Control {
    by_anybody,
    needs_root,
    where_offered,  // by this kernel, or by the container that the tests run in
  };
  void expect_contained(const std::string& attempt) {
    expect_contained(Control::by_anybody, attempt);
  }
  void expect_contained(Control control, const std::string& attempt);
  void expect_contained(SandboxPlan job, const std::string& attempt,
                        Control control = Control::by_anybody);
  // The half of it that is inside.
  void expect_fails_inside(SandboxPlan job, const std::string& attempt) const;

  static std::string python(const std::string& program) { return "python3 -c '" + program + "'"; }
};

}  // namespace pipeline::sandbox
