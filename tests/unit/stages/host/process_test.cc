#include "stages/host/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

ProcessSpec shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

std::string output_of(ProcessSpec spec) {
  Pipe pipe = make_pipe();
  spec.descriptors[1] = pipe.write.get();
  auto child = spawn(spec);
  EXPECT_TRUE(child) << child.error().to_string();
  pipe.write.reset();
  auto text = read_all(pipe.read.get());
  EXPECT_TRUE(child->wait());
  return text.value_or("");
}

TEST(Process, ReportsTheExitStatus) {
  auto child = spawn(shell("exit 9"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), (ExitStatus{.code = 9, .signal = 0}));
}

TEST(Process, TellsASignalFromAnExitCode) {
  auto child = spawn(shell("kill -9 $$"));
  ASSERT_TRUE(child);
  const auto status = child->wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, (ExitStatus{.code = 0, .signal = SIGKILL}));
  EXPECT_EQ(status->shell_code(), 137);
}

TEST(Process, GivesTheSameAnswerTwice) {
  auto child = spawn(shell("exit 3"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait()->code, 3);
  EXPECT_EQ(child->wait()->code, 3);
  EXPECT_EQ(child->wait_for(1ms)->value().code, 3);
}

TEST(Process, RefusesAProgramThatIsNotThereAndLeavesNoZombie) {
  auto child = spawn({.program = "/nowhere/program"});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().kind(), base::ErrorKind::not_found);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left to reap";
}

TEST(Process, FindsAProgramInPath) {
  auto child = spawn({.program = "true"});
  ASSERT_TRUE(child) << child.error().to_string();
  EXPECT_TRUE(child->wait()->success());
  EXPECT_FALSE(spawn({.program = "no-such-program-anywhere"}));
}

TEST(Process, GivesOnlyTheNamedDescriptors) {
  // Descriptors without close-on-exec are what leaks between concurrent spawns.
  const UniqueFd leaky(::dup(0));
  const UniqueFd far(::fcntl(0, F_DUPFD, 200));
  auto spec = shell("ls /proc/self/fd | tr '\\n' ' '");
  spec.descriptors[7] = leaky.get();
  // ls itself opens the directory as the lowest free number.
  EXPECT_EQ(output_of(spec), "0 1 2 3 7 ");
}

TEST(Process, SwapsDescriptorsWhateverTheirOrder) {
  Pipe first = make_pipe();
  Pipe second = make_pipe();
  auto spec = shell("echo one >&8; echo two >&9");
  // Each child's number may be the parent's number of the other.
  spec.descriptors[8] = first.write.get();
  spec.descriptors[9] = second.write.get();
  auto child = spawn(spec);
  ASSERT_TRUE(child);
  first.write.reset();
  second.write.reset();
  EXPECT_EQ(*read_all(first.read.get()), "one\n");
  EXPECT_EQ(*read_all(second.read.get()), "two\n");
}

TEST(Process, PassesExactlyTheEnvironmentAndDirectory) {
  ProcessSpec spec{.program = "/usr/bin/env"};
  spec.env = {{"A", "1"}, {"B", "two words"}};
  EXPECT_EQ(output_of(spec), "A=1\nB=two words\n");
  auto where = shell("pwd");
  where.directory = "/usr";
  EXPECT_EQ(output_of(where), "/usr\n");
}

TEST(Process, StartsWithoutBlockedOrIgnoredSignals) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  const auto text = output_of(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"));
  ::signal(SIGPIPE, old);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, WaitsOnlyAsLongAsAllowed) {
  Pipe held = make_pipe();
  auto child = spawn({.program = "/bin/cat", .descriptors = {{0, held.read.get()}}});
  ASSERT_TRUE(child);
  EXPECT_FALSE(child->wait_for(5ms)->has_value());
  ASSERT_TRUE(child->signal(SIGTERM));
  EXPECT_EQ(child->wait()->signal, SIGTERM);
  EXPECT_TRUE(child->signal(SIGTERM)) << "signalling what has ended is no error";
}

TEST(Process, KillsWhatIsDropped) {
  Pipe held = make_pipe();
  Pipe output = make_pipe();
  {
    auto child = spawn(
        {.program = "/bin/cat", .descriptors = {{0, held.read.get()}, {1, output.write.get()}}});
    ASSERT_TRUE(child);
    output.write.reset();
  }
  EXPECT_EQ(*read_all(output.read.get()), "") << "the write end closed with the process";
}

TEST(Process, ConcurrentSpawnsDoNotHoldEachOthersPipesOpen) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 20; ++round) EXPECT_EQ(output_of(shell("echo hello")), "hello\n");
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace pipeline::host
