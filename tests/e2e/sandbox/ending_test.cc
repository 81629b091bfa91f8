// However a job ends, nothing of it is left: no process, no cgroup, no mount.
//
// Each job marks its processes with a word of its own in their command lines, by which the test
// finds them from outside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/process.h"
#include "stages/log/reader.h"
#include "stages/sandbox/cgroup_places.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

using namespace std::chrono_literals;
using Cause = SandboxResult::Cause;

class EndingTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    word_ = "marker-" + root_.filename().string();
  }

  // A process that shows the word, in ways that only namespaces and cgroups can still find.
  std::string stubborn() const {
    const std::string program =
        "import os,signal,time,sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n";
    return "python3 -c \"" + program + "\" " + word_;
  }

  // Waits until the job has printed `text`; how a test knows that the job is where it wants it.
  void await_output(const std::string& text) const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (output().find(text) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << output();
      std::this_thread::sleep_for(2ms);
    }
  }

  void expect_nothing_left() const {
    EXPECT_TRUE(all_gone(word_)) << "processes survived";
    const auto places = find_cgroup_places();
    for (const auto& place : {places.v2, places.v1_memory, places.v1_cpu}) {
      if (!place) continue;
      for (const auto& entry : std::filesystem::directory_iterator(*place)) {
        const std::string name = entry.path().filename();
        const std::string prefix = "pipeline-job-" + helper_pid_;
        EXPECT_FALSE(!helper_pid_.empty() && name == prefix) << entry.path();
      }
    }
  }

  // Without a sandbox: once `count` processes have said that they are up, the process group of the
  // command is killed, which is what a runner without namespaces can do, and they live on.
  void expect_outlives_its_group(const std::string& command, std::size_t count) const {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const host::UniqueFd read(ends[0]);
    host::UniqueFd write(ends[1]);
    auto child = host::spawn({.program = "/bin/sh",
                              .arguments = {"-c", command + "\nwait"},
                              .descriptors = {{1, write.get()}},
                              .session = host::ChildSession::own});
    ASSERT_TRUE(child);
    write.reset();
    std::string seen;
    for (char c = 0; std::count(seen.begin(), seen.end(), '\n') < static_cast<int>(count);) {
      ASSERT_EQ(::read(read.get(), &c, 1), 1) << seen;
      seen += c;
    }
    EXPECT_EQ(::kill(-child->pid(), SIGKILL), 0);
    EXPECT_TRUE(child->wait());
    const auto left = processes_with(word_);
    EXPECT_GE(left.size(), count) << "the job's processes prove nothing, they die outside too";
    // With what they started, whose command lines say nothing.
    for (const int pid : left) {
      if (const pid_t group = ::getpgid(pid); group > 1) ::kill(-group, SIGKILL);
    }
    EXPECT_TRUE(all_gone(word_));
  }

  std::string word_;
  std::string helper_pid_;
};

class Ignore final : public SandboxObserver {
 public:
  void command_started(std::uint32_t) override {}
  void command_finished(std::uint32_t, int) override {}
};

TEST_F(EndingTest, ADaemonDoesNotOutliveItsJob) {
  const Ran ran = run(plan({stubborn(), "echo over"}));
  EXPECT_EQ(ran.result.cause, Cause::exited);
  expect_nothing_left();
  expect_outlives_its_group(stubborn(), 1);
}

TEST_F(EndingTest, TwoHundredStubbornProcessesDoNotOutliveTheirJob) {
  const std::string many =
      "for i in $(seq 200); do (trap '' TERM; exec setsid sh -c 'trap \"\" TERM; "
      "echo up; sleep 600; : " +
      word_ + "') & done";
  const Ran ran = run(many + "; sleep 0.2");
  EXPECT_EQ(ran.result.exit_code, 0) << ran.result.reason;
  expect_nothing_left();
  expect_outlives_its_group(many, 200);
}

TEST_F(EndingTest, CancellingLetsAJobCleanUp) {
  auto plan = this->plan({"true"});
  plan.commands[0] =
      "trap 'echo cleaned; exit 7' TERM; echo up; while :; do sleep 0.01; done; : " + word_;
  auto running = start(plan);
  ASSERT_TRUE(running);
  await_output("up");
  running->stop(StopCause::cancelled);
  Ignore observer;
  const auto result = running->wait(observer);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->cause, Cause::cancelled);
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_TRUE(output().ends_with("cleaned\n")) << output();
  expect_nothing_left();
}

TEST_F(EndingTest, TermReachesEveryProcessAndTheGraceIsTheirs) {
  // The command itself dies of TERM at once; what it left behind still cleans up.
  auto plan =
      this->plan({"(trap 'sleep 0.1; echo child cleaned; exit' TERM; echo up; while :; do "
                  "sleep 0.01; done) & wait; : " +
                  word_});
  plan.grace = std::chrono::hours(1);
  auto running = start(plan);
  ASSERT_TRUE(running);
  await_output("up");
  running->stop(StopCause::timed_out);
  Ignore observer;
  const auto result = running->wait(observer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, Cause::timed_out);
  EXPECT_TRUE(output().ends_with("child cleaned\n")) << output();
  expect_nothing_left();
}

TEST_F(EndingTest, KillFollowsWhenTermIsIgnored) {
  auto plan = this->plan({stubborn() + "; sleep 600"});
  plan.grace = 50ms;
  auto running = start(plan);
  ASSERT_TRUE(running);
  await_output("up");
  running->stop(StopCause::cancelled);
  Ignore observer;
  const auto result = running->wait(observer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->cause, Cause::cancelled);
  expect_nothing_left();
}

TEST_F(EndingTest, StopNowDoesNotWaitForTheGrace) {
  auto plan = this->plan({stubborn() + "; sleep 600"});
  plan.grace = std::chrono::hours(1);
  auto running = start(plan);
  ASSERT_TRUE(running);
  await_output("up");
  running->stop(StopCause::cancelled);
  running->stop_now();
  Ignore observer;
  EXPECT_EQ(running->wait(observer)->cause, Cause::cancelled);
  expect_nothing_left();
}

TEST_F(EndingTest, TimesOut) {
  auto plan = this->plan({"echo started; sleep 600; : " + word_});
  plan.timeout = 100ms;
  const Ran ran = run(plan);
  EXPECT_EQ(ran.result.cause, Cause::timed_out);
  EXPECT_EQ(ran.result.reason, "did not finish within 100ms");
  expect_nothing_left();
}

TEST_F(EndingTest, ADroppedSandboxIsKilled) {
  {
    auto running = start(plan({stubborn() + "; sleep 600"}));
    ASSERT_TRUE(running);
    await_output("up");
  }
  expect_nothing_left();
}

// Runs `launch` in a process of its own, which the test may kill.
template <class Launch>
pid_t in_another_process(Launch launch) {
  const pid_t child = ::fork();
  if (child == 0) {
    launch();
    ::_exit(0);
  }
  return child;
}

TEST_F(EndingTest, NothingOutlivesAKilledLauncher) {
  const pid_t launcher = in_another_process([&] {
    auto running = start(plan({stubborn() + "; sleep 600"}));
    if (running) ::pause();
  });
  await_output("up");
  ::kill(launcher, SIGKILL);
  ::waitpid(launcher, nullptr, 0);
  expect_nothing_left();
}

TEST_F(EndingTest, NothingOutlivesAKilledHelper) {
  auto running = start(plan({stubborn() + "; sleep 600"}));
  ASSERT_TRUE(running);
  await_output("up");
  const pid_t helper = helper_of(processes_with(word_).front());
  ASSERT_GT(helper, 1);
  ::kill(helper, SIGKILL);
  Ignore observer;
  const auto result = running->wait(observer);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().to_string().find("ended without a result"), std::string::npos);
  EXPECT_TRUE(all_gone(word_)) << "the namespace ends with the helper";
  // Its cgroup is removed by the next program.
  helper_pid_ = std::to_string(helper);
  launcher_ = std::make_unique<Launcher>(PIPELINE_SANDBOX_PROGRAM);
  std::filesystem::create_directory(root_ / "fresh");
  auto next = plan({"true"});
  next.workspace.scratch = root_ / "fresh";
  EXPECT_EQ(run(next).result.cause, Cause::exited);
  expect_nothing_left();
}

TEST_F(EndingTest, AJobWhoseFirstProcessWasKilledIsNoSuccess) {
  auto running = start(plan({stubborn() + "; sleep 600"}));
  ASSERT_TRUE(running);
  await_output("up");
  const pid_t helper = helper_of(processes_with(word_).front());
  std::ifstream children("/proc/" + std::to_string(helper) + "/task/" + std::to_string(helper) +
                         "/children");
  pid_t first = 0;
  children >> first;
  ASSERT_GT(first, 1);
  ::kill(first, SIGKILL);
  Ignore observer;
  const auto result = running->wait(observer);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->cause, Cause::setup);
  EXPECT_EQ(result->reason, "the job's first process was killed from outside");
  expect_nothing_left();
}

TEST_F(EndingTest, AJobWhoseLogCannotBeCompletedIsNoSuccess) {
  if (::geteuid() != 0) GTEST_SKIP() << "a file system of one's own takes root";
  const std::string log = root_ / "log";
  int completed = 0;
  int refused = 0;
  // From too small for the log's head to large enough for all of it.
  for (const int kibibytes : {40, 80, 120, 160, 200, 400}) {
    const std::string size = "size=" + std::to_string(kibibytes) + "k";
    if (::mount("tmpfs", log.c_str(), "tmpfs", 0, size.c_str()) != 0) {
      GTEST_SKIP() << "no file system can be mounted here";
    }
    auto job = plan({"head -c 400000 /dev/zero | tr '\\0' x"});
    job.limits.output = std::uint64_t{128} * 1024;
    const std::string scratch = "scratch" + std::to_string(kibibytes);
    std::filesystem::create_directory(root_ / scratch);
    job.workspace.scratch = root_ / scratch;
    auto running = start(job);
    Ignore observer;
    const auto result = running ? running->wait(observer) : base::fail(running.error());
    const bool success = result && result->cause == Cause::exited;
    if (success) {
      const auto reader = log::LogReader::open(log);
      EXPECT_TRUE(reader && reader->finished()) << kibibytes;
    }
    EXPECT_EQ(::umount(log.c_str()), 0);
    ++(success ? completed : refused);
  }
  EXPECT_GT(completed, 0);
  EXPECT_GT(refused, 0);
}

TEST_F(EndingTest, EmptyFilesCountAgainstTheDiskToo) {
  auto plan = this->plan({"i=0; while [ $i -lt 5000 ]; do : > f$i; i=$((i + 1)); done; sleep 600"});
  plan.limits.disk = std::uint64_t{8} << 20U;
  EXPECT_EQ(run(plan).result.reason, "disk limit of 8 MiB exceeded");
}

TEST_F(EndingTest, ProcessorTimeIsLimitedByTheKernel) {
  auto wishes = plan({stubborn() + "; sleep 600"});
  wishes.limits.cpus = 0.5;
  auto running = start(wishes);
  ASSERT_TRUE(running);
  await_output("up");
  const auto places = find_cgroup_places();
  const auto parent = places.v2 ? places.v2 : places.v1_cpu;
  if (!parent) GTEST_SKIP() << "no cgroup with a cpu controller can be made here";
  const auto helper = std::to_string(helper_of(processes_with(word_).front()));
  const auto directory = *parent / ("pipeline-job-" + helper);
  const auto quota = host::read_file(directory / (places.v2 ? "cpu.max" : "cpu.cfs_quota_us"));
  ASSERT_TRUE(quota) << quota.error().to_string();
  EXPECT_EQ(*quota, places.v2 ? "50000 100000\n" : "50000\n");
  // Not the limit alone: the job is in there.
  EXPECT_NE(*host::read_file(directory / "cgroup.procs"), "");
}

}  // namespace
}  // namespace pipeline::sandbox
