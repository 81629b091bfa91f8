#include "runner/server/api/rate_limit.h"

#include "tests/support/property.h"

namespace pipeline::api {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kStart{1000s};

TEST(RateLimit, AllowsABurstAndThenSoMuchASecond) {
  RateLimit limit(2, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", kStart), std::nullopt);
  EXPECT_EQ(limit.take("a", kStart), 500ms);
  EXPECT_EQ(limit.take("b", kStart), std::nullopt);
  EXPECT_EQ(limit.take("a", kStart + 500ms), std::nullopt);
  EXPECT_EQ(limit.take("a", kStart + 750ms), 250ms);
  // It never holds more than a burst.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", kStart + 1h), std::nullopt);
  EXPECT_NE(limit.take("a", kStart + 1h), std::nullopt);
}

TEST(RateLimit, AClockThatIsSetBackGivesNothing) {
  RateLimit limit(1, 1);
  EXPECT_EQ(limit.take("a", kStart), std::nullopt);
  EXPECT_EQ(limit.take("a", kStart - 1h), 1000ms);
}

TEST(RateLimit, StrangersDoNotFillTheMemory) {
  RateLimit limit(1, 2);
  limit.take("spent", kStart);
  limit.take("spent", kStart);
  for (int i = 0; i < 30'000; ++i) limit.take(std::to_string(i), kStart);
  EXPECT_LE(limit.size(), 10'000U);
  // Whoever had nothing left is not given a new burst by that.
  EXPECT_NE(limit.take("spent", kStart), std::nullopt);
}

RC_GTEST_PROP(RateLimit, nobody_gets_more_than_was_promised, ()) {
  const auto burst = *rc::gen::inRange(1, 10);
  const auto a_second = *rc::gen::inRange(1, 10);
  RateLimit limit(a_second, burst);
  auto now = kStart;
  int got = 0;
  for (const int wait : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 400))) {
    now += std::chrono::milliseconds(wait);
    if (!limit.take("a", now)) ++got;
  }
  const double seconds = std::chrono::duration<double>(now - kStart).count();
  RC_ASSERT(got <= burst + seconds * a_second + 1e-6);
}

}  // namespace
}  // namespace pipeline::api
