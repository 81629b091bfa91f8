// What a job finds, and how it ends.
#include <gtest/gtest.h>

#include <cstdlib>

#include "stages/host/file.h"
#include "stages/log/reader.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

using Cause = SandboxResult::Cause;
using RunTest = SandboxTest;

TEST_F(RunTest, RunsCommandsInOrderUntilOneFails) {
  const Ran ran = run(plan({"echo one", "echo two >&2; exit 3", "echo never"}));
  EXPECT_EQ(ran.output, "one\ntwo\n");
  EXPECT_EQ(ran.result.cause, Cause::exited);
  EXPECT_EQ(ran.result.exit_code, 3);
  EXPECT_EQ(ran.result.commands_started, 2U);
  EXPECT_EQ(ran.result.reason, "");
  EXPECT_EQ(ran.exit_codes, (std::map<std::uint32_t, int>{{0, 0}, {1, 3}}));
}

TEST_F(RunTest, IsAnOrdinaryUserWithAHomeInAnEmptyWorld) {
  EXPECT_EQ(
      run("id -u; id -un; id -G; hostname; pwd; echo ~; ls -A ~ /tmp /sys /run /workspace").output,
      "1000\njob\n1000\njob\n/workspace\n/home/job\n"
      "/home/job:\n\n/run:\n\n/sys:\n\n/tmp:\n\n/workspace:\n");
}

TEST_F(RunTest, HasTheDevicesProgramsExpect) {
  EXPECT_EQ(run("echo to stdout > /dev/stdout; echo gone > /dev/null; head -c 2 /dev/zero | wc -c;"
                "head -c 3 /dev/urandom | wc -c; ls /dev/fd/ | head -1;"
                "python3 -c 'import os; os.openpty(); print(\"pty\")'")
                .output,
            "to stdout\n2\n3\n0\npty\n");
}

TEST_F(RunTest, OnlyANewFileHasAModeThatMayBeRefused) {
  // Without O_CREAT the mode is whatever the register holds.
  EXPECT_EQ(run("python3 -c 'import ctypes, os\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                "for flags in (os.O_RDONLY, os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_TMPFILE):\n"
                "  path = b\"/tmp\" if flags & os.O_TMPFILE == os.O_TMPFILE else b\"/tmp/file\"\n"
                "  open(\"/tmp/file\", \"a\").close()\n"
                "  print(libc.syscall(257, -100, path, flags, 0o6777) >= 0, ctypes.get_errno())'")
                .output,
            "True 0\nFalse 1\nFalse 1\n");
}

TEST_F(RunTest, SeesNoHostEnvironment) {
  ASSERT_EQ(::setenv("PIPELINE_TEST_LEAK", "leaked", 1), 0);
  auto plan = this->plan({"env | sort | grep -v '^_='"});
  plan.env["GREETING"] = "hello \xff world";
  const Ran ran = run(plan);
  EXPECT_EQ(ran.output,
            "GREETING=hello \xff world\nHOME=/home/job\n"
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
            "PWD=/workspace\nWORKSPACE=/workspace\n");
}

TEST_F(RunTest, LaysTheWorkspaceFromItsLayers) {
  auto plan = this->plan({"cat a b; echo new > c; echo changed > a; rm b; mkdir d; mv c d/c"});
  plan.workspace.lower = {layer("source", {{"a", "source a\n"}, {"b", "source b\n"}}),
                          layer("outputs", {{"b", "output b\n"}})};
  const Ran ran = run(plan);
  EXPECT_EQ(ran.output, "source a\noutput b\n");
  EXPECT_EQ(ran.result.reason, "");
  EXPECT_EQ(*host::read_file(root_ / "upper/a"), "changed\n");
  EXPECT_EQ(*host::read_file(root_ / "upper/d/c"), "new\n");
  EXPECT_EQ(*host::read_file(root_ / "source/a"), "source a\n") << "layers are never changed";
}

TEST_F(RunTest, ShowsGivenDirectoriesAndFilesReadOnly) {
  auto plan = this->plan({"cat /artifacts/shop/bin /given/file; ! touch /artifacts/shop/x 2>&1"});
  const auto artifact = layer("artifact", {{"bin", "artifact\n"}, {"file", "one file\n"}});
  plan.mounts = {{.host = artifact, .inside = "/artifacts/shop"},
                 {.host = artifact / "file", .inside = "/given/file"}};
  EXPECT_EQ(run(plan).output,
            "artifact\none file\ntouch: cannot touch '/artifacts/shop/x': Read-only file system\n");
}

TEST_F(RunTest, StartsInItsWorkDirectory) {
  auto plan = this->plan({"pwd"});
  plan.workspace.lower = {layer("source", {{"sub/dir/file", ""}})};
  plan.workdir = "sub/dir";
  EXPECT_EQ(run(plan).output, "/workspace/sub/dir\n");

  std::filesystem::create_directory(root_ / "fresh");
  plan.workspace.scratch = root_ / "fresh";
  plan.workdir = "absent";
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::limit) << "the job's doing, not the sandbox's";
  EXPECT_TRUE(ran.result.reason.starts_with(
      "the work directory \"absent\" of the stage: No such file or directory\nhint: "))
      << ran.result.reason;
}

TEST_F(RunTest, SaysWhatCouldNotBeSetUp) {
  auto plan = this->plan({"true"});
  plan.workspace.lower = {root_ / "nowhere"};
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::setup);
  EXPECT_EQ(ran.result.commands_started, 0U);
  EXPECT_NE(ran.result.reason.find("nowhere"), std::string::npos) << ran.result.reason;
}

TEST_F(RunTest, ReportsAShellThatIsNotThere) {
  auto plan = this->plan({"true"});
  plan.shell = {"/bin/no-such-shell"};
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.exit_code, 127);
  EXPECT_EQ(ran.output, "cannot run /bin/no-such-shell: No such file or directory\n");
}

TEST_F(RunTest, MasksSecretsAndMarksCommands) {
  auto plan =
      this->plan({"echo token: $TOKEN; echo $TOKEN | base64", "printf 'hunter2'; printf '!!'"});
  plan.env["TOKEN"] = "hunter2!!";
  plan.masked = {"hunter2!!"};
  EXPECT_EQ(run(plan).output, "token: ***\n***Cg==\n***");
  auto log = log::LogReader::open(root_ / "log");
  ASSERT_TRUE(log);
  ASSERT_EQ(log->commands().size(), 2U);
  EXPECT_EQ(log->commands()[1].end - log->commands()[1].begin, 3U);
  EXPECT_TRUE(log->finished());
}

}  // namespace
}  // namespace pipeline::sandbox
