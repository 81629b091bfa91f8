#include "stages/host/process_identity.h"

#include <csignal>

#include "stages/host/process.h"

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

}  // namespace
}  // namespace pipeline::host
