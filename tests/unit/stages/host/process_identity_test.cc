#include "stages/host/process_identity.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/process.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {
namespace {

using namespace std::chrono_literals;

Process sleeper() {
  auto child = spawn({.program = "sleep", .arguments = {"1000"}});
  EXPECT_TRUE(child) << child.error().to_string();
  return *std::move(child);
}

TEST(ProcessIdentity, TellsAProcessFromLaterOnesWithItsPid) {
  const auto me = identify(::getpid());
  ASSERT_TRUE(me);
  EXPECT_TRUE(is_alive(*me));
  auto earlier = *me;
  earlier.start_ticks -= 1;
  EXPECT_FALSE(is_alive(earlier));
  auto before_reboot = *me;
  before_reboot.boot = "another";
  EXPECT_FALSE(is_alive(before_reboot));
}

TEST(ProcessIdentity, SurvivesAFile) {
  const auto me = identify(::getpid());
  EXPECT_EQ(ProcessIdentity::parse(me->to_text()), me);
  for (const auto* text : {"", "x", "12", "12 13", "0 1 boot", "-4 1 boot"}) {
    EXPECT_FALSE(ProcessIdentity::parse(text)) << text;
  }
}

TEST(ProcessIdentity, AProcessLivesAsLongAsAnyOfItsThreads) {
  const int pid = ::fork();
  if (pid == 0) {
    std::thread([] { ::pause(); }).detach();
    ::syscall(SYS_exit, 0);  // of this thread only
  }
  const auto process = identify(pid);
  ASSERT_TRUE(process);
  const std::string stat = "/proc/" + std::to_string(pid) + "/stat";
  while (read_file(stat)->find(") Z ") == std::string::npos) std::this_thread::yield();
  EXPECT_TRUE(is_alive(*process));
  EXPECT_FALSE(wait_until_gone(*process, 0ms));
  EXPECT_TRUE(end_process(*process, SIGKILL, 10s));
  EXPECT_FALSE(is_alive(*process));
  ::waitpid(pid, nullptr, 0);
}

TEST(ProcessIdentity, NeverSignalsAStranger) {
  auto child = sleeper();
  auto impostor = *identify(child.pid());
  impostor.start_ticks -= 1;
  EXPECT_TRUE(signal_process(impostor, SIGKILL)) << "gone already is success";
  EXPECT_EQ(*child.wait_for(0ms), std::nullopt) << "the process with that pid must live";
  EXPECT_TRUE(wait_until_gone(impostor, 0ms));
}

TEST(ProcessIdentity, EndsAProcessByForceWhenItMust) {
  auto child = spawn({.program = "/bin/sh", .arguments = {"-c", "trap '' TERM; exec sleep 1000"}});
  ASSERT_TRUE(child) << child.error().to_string();
  const auto identity = *identify(child->pid());
  EXPECT_FALSE(wait_until_gone(identity, 1ms));
  EXPECT_TRUE(end_process(identity, SIGTERM, 20ms));
  EXPECT_FALSE(is_alive(identity)) << "a zombie does not count as alive";
  EXPECT_TRUE(end_process(identity, SIGTERM, 20ms));
}

TEST(ProcessIdentity, IsNotGoneForWantOfADescriptor) {
  auto child = sleeper();
  const auto identity = *identify(child.pid());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool alive = is_alive(identity);
  const bool gone = wait_until_gone(identity, 0ms);
  const auto signalled = signal_process(identity, SIGKILL);
  const auto ended = end_process(identity, SIGKILL, 0ms);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(alive);
  EXPECT_FALSE(gone);
  ASSERT_FALSE(signalled);
  EXPECT_EQ(signalled.error().kind(), base::ErrorKind::exhausted);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind(), base::ErrorKind::exhausted);
  EXPECT_EQ(*child.wait_for(0ms), std::nullopt);
  EXPECT_TRUE(end_process(identity, SIGKILL, 10s));
}

TEST(ProcessIdentity, EndsWhatIsLeftOfASession) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  auto leader = spawn({.program = "/bin/sh",
                       .arguments = {"-c", "sleep 1000 & sleep 1000 & echo up; wait"},
                       .descriptors = {{1, writing.get()}},
                       .session = ChildSession::own});
  ASSERT_TRUE(leader) << leader.error().to_string();
  writing.reset();
  char up[3];
  ASSERT_EQ(::read(reading.get(), up, sizeof up), 3);
  const auto identity = *identify(leader->pid());
  auto former = identity;
  former.start_ticks -= 1;
  EXPECT_TRUE(end_session(former));
  EXPECT_TRUE(is_alive(identity)) << "the session of whoever got the pid since is a stranger's";
  ASSERT_TRUE(end_process(identity, SIGKILL, 10s));
  EXPECT_TRUE(leader->wait());
  ASSERT_TRUE(end_session(identity));
  EXPECT_EQ(::read(reading.get(), up, 1), 0) << "nobody holds the other end any more";
  EXPECT_TRUE(end_session(identity)) << "nobody is left";
}

}  // namespace
}  // namespace pipeline::host
