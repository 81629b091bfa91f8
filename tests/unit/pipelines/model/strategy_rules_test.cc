#include "pipelines/model/strategy_rules.h"

#include <gtest/gtest.h>

namespace pipeline::model {
namespace {

StrategySpec rolling(std::uint32_t batch, bool percent) {
  StrategySpec strategy;
  strategy.kind = StrategyKind::rolling;
  strategy.batch = batch;
  strategy.batch_is_percent = percent;
  return strategy;
}

TEST(BatchSize, RoundsPercentsUpAndStaysWithinTheFleet) {
  EXPECT_EQ(batch_size(rolling(25, true), 4), 1U);
  EXPECT_EQ(batch_size(rolling(26, true), 4), 2U);
  EXPECT_EQ(batch_size(rolling(100, true), 4), 4U);
  EXPECT_EQ(batch_size(rolling(1, true), 4), 1U);
  EXPECT_EQ(batch_size(rolling(3, false), 4), 3U);
  EXPECT_EQ(batch_size(rolling(9, false), 4), 4U);
  EXPECT_EQ(batch_size(rolling(4'000'000'000U, true), 4'000'000'000U), 4'000'000'000U);
}

TEST(LeavesNobodyServing, WhenABatchIsTheFleet) {
  EXPECT_FALSE(leaves_nobody_serving(rolling(1, false), 2));
  EXPECT_TRUE(leaves_nobody_serving(rolling(1, false), 1));
  EXPECT_TRUE(leaves_nobody_serving(rolling(100, true), 8));
  StrategySpec other;
  other.kind = StrategyKind::all_at_once;
  EXPECT_TRUE(leaves_nobody_serving(other, 8));
  other.kind = StrategyKind::blue_green;
  EXPECT_FALSE(leaves_nobody_serving(other, 1));
}

}  // namespace
}  // namespace pipeline::model
