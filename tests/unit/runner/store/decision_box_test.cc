#include "runner/store/decision_box.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using std::chrono::hours;

const StoredDecision kApproval{true, "alice", "looks good\nto me", "abc123", "d1gest"};

class DecisionBox : public ::testing::Test {
 protected:
  support::TemporaryDirectory directory_;
  Paths paths_{directory_.path()};
};

TEST_F(DecisionBox, GivesBackWhatWasPutOnce) {
  ASSERT_TRUE(put_decision(paths_, 12, "go", kApproval));
  const auto taken = await_decision(paths_, 12, "go", hours(1), {});
  ASSERT_TRUE(taken) << taken.error().to_string();
  EXPECT_EQ(*taken, kApproval);
  EXPECT_EQ(await_decision(paths_, 12, "go", base::Duration(0), {}), std::nullopt);
}

TEST_F(DecisionBox, KeepsJobsAndRunsApart) {
  ASSERT_TRUE(put_decision(paths_, 12, "go", kApproval));
  EXPECT_EQ(await_decision(paths_, 12, "other", base::Duration(0), {}), std::nullopt);
  EXPECT_EQ(await_decision(paths_, 13, "go", base::Duration(0), {}), std::nullopt);
}

TEST_F(DecisionBox, WakesWhoWaits) {
  std::optional<StoredDecision> seen;
  std::thread waiter([&] {
    const auto taken = await_decision(paths_, 12, "go", hours(1), {});
    if (taken) seen = *taken;
  });
  ASSERT_TRUE(put_decision(paths_, 12, "go", kApproval));
  waiter.join();
  EXPECT_EQ(seen, kApproval);
}

TEST_F(DecisionBox, AStopEndsTheWait) {
  std::stop_source stop;
  std::thread waiter([&] {
    EXPECT_EQ(await_decision(paths_, 12, "go", hours(1), stop.get_token()), std::nullopt);
  });
  stop.request_stop();
  waiter.join();
}

TEST_F(DecisionBox, RefusesWhatNobodyDecided) {
  for (const char* text : {"", "approved", "perhaps\nalice\nabc\n\n", "approved\nalice\n"}) {
    const auto read = decision_from(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
  }
  std::filesystem::create_directories(paths_.decision(12, "go").parent_path());
  std::ofstream(paths_.decision(12, "go")) << "rubbish";
  const auto taken = await_decision(paths_, 12, "go", hours(1), {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind(), base::ErrorKind::corrupt);
}

}  // namespace
}  // namespace pipeline::store
