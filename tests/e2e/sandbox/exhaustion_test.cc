// A job that takes all it can get, held to its limits; and the same without a sandbox, where it
// gets the whole of what it asks for: a few times the limit, so that the control harms nobody.
#include <gtest/gtest.h>

#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

using Cause = SandboxResult::Cause;

constexpr std::uint64_t operator""_MiB(unsigned long long count) {
  return count << 20U;
}

class ExhaustionTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    word_ = "marker-" + root_.filename().string();
  }

  void expect_had_outside(const std::string& attempt) const {
    const std::string seen = outside(attempt);
    EXPECT_EQ(seen, "had it all\n") << "the attempt proves nothing, it fails outside too";
  }

  std::string word_;
};

// Asks for 200 processes; says how many it got.
std::string many_processes() {
  return "python3 -c \"import os,signal\n"
         "children=[]\n"
         "try:\n"
         "  while len(children)<200:\n"
         "    child=os.fork()\n"
         "    if child==0: signal.pause()\n"
         "    children.append(child)\n"
         "  print('had it all')\n"
         "except OSError: print('stopped at', len(children))\n"
         "for child in children: os.kill(child,9)\"";
}

TEST_F(ExhaustionTest, ProcessesAreLimited) {
  auto job = plan({many_processes()});
  job.limits.processes = 50;
  const Ran ran = run(job);
  EXPECT_TRUE(ran.output == "stopped at 48\n" || ran.output == "stopped at 49\n") << ran.output;
  expect_had_outside(many_processes());
}

// Children that fork as well, until 200 have been born. Whoever is refused one holds what it has;
// only the first gives up.
std::string fork_bomb(const std::string& word) {
  return "python3 -c \"import os,signal\n"
         "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
         "first=os.getpid()\n"
         "log=os.open('born',os.O_CREAT|os.O_RDWR|os.O_APPEND,0o666)\n"
         "while os.fstat(log).st_size<200:\n"
         "  os.write(log,b'x')\n"
         "  try:\n"
         "    if os.fork()==0: os.setsid()\n"
         "  except OSError:\n"
         "    if os.getpid()==first: break\n"
         "    signal.pause()\" " +
         word + "; test $(stat -c %s born) -ge 200 && echo had it all; true";
}

TEST_F(ExhaustionTest, AForkBombStaysWithinItsLimit) {
  const std::string attempt = fork_bomb(word_);
  auto job = plan({attempt});
  job.limits.processes = 40;
  const Ran ran = run(job);
  EXPECT_EQ(ran.result.cause, Cause::exited) << ran.result.reason;
  EXPECT_EQ(ran.output, "");
  EXPECT_TRUE(all_gone(word_)) << "processes survived";
  expect_had_outside(attempt);
}

// The job holds what it has taken, here and below: where no cgroup counts, limits are enforced by
// looking.
TEST_F(ExhaustionTest, MemoryIsLimited) {
  const std::string attempt =
      "python3 -c \"import os,sys,time\nx = bytearray(300 << 20)\nprint('had it all', flush=True)\n"
      "time.sleep(int(os.environ.get('HOLD', '0')))\" " +
      word_;
  auto job = plan({"HOLD=600 " + attempt});
  job.limits.memory = 64_MiB;
  const Ran ran = run(job);
  EXPECT_EQ(ran.result.cause, Cause::limit) << ran.output;
  EXPECT_EQ(ran.result.reason, "memory limit of 64 MiB exceeded");
  EXPECT_TRUE(all_gone(word_)) << "processes survived";
  expect_had_outside(attempt);
}

TEST_F(ExhaustionTest, TemporaryFilesAreLimitedAsMemoryToo) {
  const std::string attempt =
      "big=$(mktemp) && head -c 200M /dev/zero > $big && echo had it all; rm -f $big";
  auto job = plan({attempt});
  job.limits.memory = 64_MiB;
  const Ran ran = run(job);
  EXPECT_EQ(ran.output.find("had it all"), std::string::npos) << ran.output;
  expect_had_outside(attempt);
}

TEST_F(ExhaustionTest, DiskIsLimited) {
  const std::string attempt =
      "for i in $(seq 96); do head -c 1M /dev/zero > f$i || exit; done; echo had it all";
  auto job = plan({attempt + "; sleep 600; : " + word_});
  job.limits.disk = 24_MiB;
  const Ran ran = run(job);
  EXPECT_EQ(ran.result.cause, Cause::limit);
  EXPECT_EQ(ran.result.reason, "disk limit of 24 MiB exceeded");
  EXPECT_TRUE(all_gone(word_)) << "processes survived";
  expect_had_outside(attempt);
}

TEST_F(ExhaustionTest, OneFileIsLimitedByTheKernel) {
  const std::string attempt = "head -c 40M /dev/zero > big; stat -c %s big";
  auto job = plan({attempt});
  job.shell = {"/bin/sh"};
  job.limits.disk = 8_MiB;
  EXPECT_NE(run(job).output.find("8388608\n"), std::string::npos);
  EXPECT_EQ(outside(attempt), "41943040\n");
}

TEST_F(ExhaustionTest, OutputIsLimitedWithHeadAndTail) {
  const std::string attempt = "echo first; seq 1 2000000; echo last";
  auto job = plan({attempt});
  job.limits.output = 1_MiB;
  const Ran ran = run(job);
  EXPECT_EQ(ran.result.exit_code, 0);
  EXPECT_LT(ran.output.size(), std::size_t{1100} << 10U);
  EXPECT_TRUE(ran.output.starts_with("first\n1\n2\n"));
  EXPECT_TRUE(ran.output.ends_with("2000000\nlast\n"));
  EXPECT_NE(ran.output.find("bytes of output were cut here"), std::string::npos);
  EXPECT_GT(outside(attempt).size(), 8_MiB);
}

}  // namespace
}  // namespace pipeline::sandbox
