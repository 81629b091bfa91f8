#include "pipelines/schedule/polling.h"

#include <gtest/gtest.h>

namespace pipeline::schedule {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kNoon{12h};
constexpr double kMiddle = 0.5;

TEST(Polling, ComesRoundAsOftenAsItIsTold) {
  EXPECT_EQ(next_look(kNoon, 5min, 0, kMiddle), kNoon + 5min);
  EXPECT_EQ(next_look(kNoon, 5min, 0, 0), kNoon + 270s);
  EXPECT_EQ(next_look(kNoon, 5min, 0, 1), kNoon + 330s);
  EXPECT_EQ(next_look(kNoon, 5min, 0, 7), kNoon + 330s);
}

TEST(Polling, WhoIsToldOfEverythingLooksWhenAsked) {
  EXPECT_EQ(next_look(kNoon, std::nullopt, 0, kMiddle), std::nullopt);
}

TEST(Polling, AFailureIsTriedAgainLaterAndLater) {
  EXPECT_EQ(next_look(kNoon, std::nullopt, 1, kMiddle), kNoon + 15s);
  EXPECT_EQ(next_look(kNoon, std::nullopt, 2, kMiddle), kNoon + 30s);
  EXPECT_EQ(next_look(kNoon, std::nullopt, 5, kMiddle), kNoon + 4min);
  EXPECT_EQ(next_look(kNoon, std::nullopt, 4'000'000'000, kMiddle), kNoon + 1h);
  // Never sooner than it would be without.
  EXPECT_EQ(next_look(kNoon, 5min, 1, kMiddle), kNoon + 5min);
  EXPECT_EQ(next_look(kNoon, 5min, 6, kMiddle), kNoon + 8min);
  EXPECT_EQ(next_look(kNoon, 2h, 30, kMiddle), kNoon + 2h);
}

}  // namespace
}  // namespace pipeline::schedule
