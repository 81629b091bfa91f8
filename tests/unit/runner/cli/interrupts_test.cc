#include "runner/cli/interrupts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace pipeline::cli {
namespace {

TEST(Interrupts, CountSignalsAndKeepTheProgramAlive) {
  std::promise<void> first;
  std::promise<void> third;
  const auto interrupts = Interrupts::watch([&](int count) {
    if (count == 1) first.set_value();
    if (count == 3) third.set_value();
  });
  ASSERT_TRUE(interrupts);
  ::kill(::getpid(), SIGINT);
  first.get_future().wait();
  ::kill(::getpid(), SIGTERM);
  ::kill(::getpid(), SIGHUP);
  third.get_future().wait();
}

TEST(Interrupts, AHangUpCanBeSomethingElse) {
  std::promise<int> first;
  std::promise<void> hung_up;
  const auto interrupts =
      Interrupts::watch([&](int count) { first.set_value(count); }, [&] { hung_up.set_value(); });
  ASSERT_TRUE(interrupts);
  ::kill(::getpid(), SIGHUP);
  hung_up.get_future().wait();
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(first.get_future().get(), 1);
}

TEST(Interrupts, LeaveTheSignalsAsTheyWere) {
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    const auto interrupts = Interrupts::watch([](int) {});
  }
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal));
  }
}

}  // namespace
}  // namespace pipeline::cli
