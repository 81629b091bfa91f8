#include "agents/worker/supervised/stop_message.h"

#include "tests/support/property.h"

namespace pipeline::worker {
namespace {

TEST(StopMessage, WhatIsNoneIsRefused) {
  for (const char* text : {"", "now\n", "cancelled", "succeeded\nwhy", "nonsense\nwhy"}) {
    EXPECT_EQ(stop_message_from(text), std::nullopt) << text;
  }
}

TEST(StopMessage, FitsIntoAPacket) {
  const StopMessage message{.reason = std::string(10'000, 'x')};
  EXPECT_EQ(to_packet(message).size(), kMostStopBytes);
  EXPECT_TRUE(stop_message_from(to_packet(message)));
}

RC_GTEST_PROP(StopMessageProperty, ComesThrough,
              (bool now, bool timed_out, const std::string& reason)) {
  StopMessage message{.now = now, .reason = {}};
  if (!now) {
    message.as = timed_out ? run::JobStatus::timed_out : run::JobStatus::cancelled;
    message.reason = reason;
  }
  RC_ASSERT(stop_message_from(to_packet(message)) == message);
}

}  // namespace
}  // namespace pipeline::worker
