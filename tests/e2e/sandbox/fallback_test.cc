// Where overlayfs or isolation cannot be had.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

using Cause = SandboxResult::Cause;

class FallbackTest : public SandboxTest {
 protected:
  // What the worker makes when layers cannot be mounted: a copy in the upper directory.
  SandboxPlan copied_plan(std::vector<std::string> commands, Isolation isolation) const {
    std::ofstream(root_ / "upper/file") << "copied\n";
    EXPECT_TRUE(host::give_tree_to_job_user(root_ / "upper"));
    auto made = plan(std::move(commands));
    made.isolation = isolation;
    return made;
  }
};

TEST_F(FallbackTest, SaysWhenLayersCannotBeMounted) {
  auto job = plan({"echo ran"});
  job.workspace.lower = {layer("source", {{"file", "x"}})};
  // overlayfs wants upper and scratch in one file system.
  std::string elsewhere = "/dev/shm/pipeline-scratch-XXXXXX";
  ASSERT_NE(::mkdtemp(elsewhere.data()), nullptr);
  job.workspace.scratch = elsewhere;
  const Ran ran = run(job);
  std::filesystem::remove_all(elsewhere);
  EXPECT_EQ(ran.result.cause, Cause::setup);
  EXPECT_TRUE(ran.result.overlay_refused) << ran.result.reason;
  EXPECT_EQ(ran.output, "");
}

TEST_F(FallbackTest, RunsIsolatedInACopiedWorkspace) {
  const Ran ran = run(
      copied_plan({"pwd; cat file; echo changed > file; ls /root 2>&1; id -u"}, Isolation::full));
  EXPECT_EQ(ran.output, "/workspace\ncopied\n1000\n") << ran.result.reason;
  EXPECT_EQ(*host::read_file(root_ / "upper/file"), "changed\n");
}

TEST_F(FallbackTest, ACopyDoesNotCountAsWrittenByTheJob) {
  auto job = copied_plan({"head -c 3M /dev/zero > more; sleep 0.3; echo fine"}, Isolation::full);
  std::ofstream(root_ / "upper/big") << std::string(std::size_t{8} << 20U, 'x');
  job.limits.disk = std::uint64_t{6} << 20U;
  EXPECT_EQ(run(job).output, "fine\n");
}

TEST_F(FallbackTest, WithoutIsolationTheJobIsStillNotRoot) {
  auto job =
      copied_plan({"pwd; cat file; id -u; test -d /sys/kernel && echo host"}, Isolation::none);
  const Ran ran = run(job);
  EXPECT_EQ(ran.output, (root_ / "upper").string() + "\ncopied\n" +
                            std::to_string(host::job_user().uid) + "\nhost\n")
      << ran.result.reason;
}

TEST_F(FallbackTest, WithoutIsolationAJobThatKillsItsFirstProcessIsNoSuccess) {
  const Ran ran = run(copied_plan({"kill -9 $PPID; sleep 600"}, Isolation::none));
  EXPECT_EQ(ran.result.cause, Cause::setup);
  EXPECT_EQ(ran.result.reason, "the job's first process was killed from outside");
}

TEST_F(FallbackTest, WithoutIsolationTimeIsCountedToo) {
  const Ran ran =
      run(copied_plan({"i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done"}, Isolation::none));
  EXPECT_GT(ran.result.cpu.count(), 0);
}

TEST_F(FallbackTest, WithoutIsolationDaemonsAreFoundToo) {
  const std::string word = "marker-" + root_.filename().string();
  // A shell says "Killed" of a child when that goes first, which is chance.
  auto job = copied_plan(
      {"for i in 1 2 3 4 5 6 7 8; do (trap '' TERM; exec setsid sh -c 'trap \"\" TERM HUP; "
       "(sleep 600; : " +
       word + ") & sleep 600; : " + word + "' 2> /dev/null) & done; echo over"},
      Isolation::none);
  EXPECT_EQ(run(job).output, "over\n");
  EXPECT_TRUE(all_gone(word));
}

TEST_F(FallbackTest, WithoutIsolationStoppingReachesAll) {
  auto job = copied_plan(
      // The shell outlives its child: what is left when the command itself ends is killed at once.
      {"trap : TERM; (trap 'echo child cleaned; exit' TERM; echo up; while :; do sleep 0.01; done) "
       "& wait || true; wait || true"},
      Isolation::none);
  job.timeout = std::chrono::milliseconds(300);
  const Ran ran = run(job);
  EXPECT_EQ(ran.result.cause, Cause::timed_out);
  EXPECT_NE(ran.output.find("child cleaned"), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace pipeline::sandbox
