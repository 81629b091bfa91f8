// kill -9 of the driver at every moment of a deployment, under a constant request load: whatever
// happens, no request fails, and `resume` brings the environment in order.
#include <gtest/gtest.h>

#include "tests/e2e/deploy/mortal_environment.h"
#include "tests/support/http/http_load.h"

namespace pipeline {
namespace {

class DyingDriver : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const auto reason = MortalEnvironment::missing()) GTEST_SKIP() << *reason;
  }
  void TearDown() override {
    if (!IsSkipped()) static_cast<void>(run({"stop"}));
  }

  Ended run(const std::vector<std::string>& command) { return production_.run(command).ended; }

  MortalEnvironment production_{GetParam()};
};

TEST_P(DyingDriver, LosesNoRequestWhereverItDies) {
  ASSERT_EQ(run({"deploy", "a", "0"}), Ended::well);
  support::HttpLoad load({.host = production_.host(),
                          .port = 18080,
                          .workers = 4,
                          .pause = std::chrono::milliseconds(2)});
  int moments = 0;
  for (int die_at = 1;; ++die_at) {
    const std::string digit(1, "bcdef"[die_at % 5]);
    const Ended ended = run({"deploy", digit, std::to_string(die_at)});
    ASSERT_NE(ended, Ended::badly) << "at moment " << die_at;
    if (ended == Ended::well) break;
    load.await_requests(20);  // with nobody driving
    ASSERT_EQ(run({"resume"}), Ended::well) << "after moment " << die_at;
    load.await_requests(20);
    const auto so_far = load.so_far();
    ASSERT_EQ(so_far.failed, 0U) << "killed at moment " << die_at << ": " << so_far.first_failure;
    ++moments;
  }
  const auto result = load.stop();
  EXPECT_EQ(result.failed, 0U) << result.first_failure;
  EXPECT_GT(moments, 25);
  std::printf("killed at %d moments, requests %llu, failed %llu\n", moments,
              static_cast<unsigned long long>(result.requests),
              static_cast<unsigned long long>(result.failed));
}

INSTANTIATE_TEST_SUITE_P(Strategies, DyingDriver, testing::Values("blue-green", "rolling"),
                         [](const auto& made) {
                           return std::string(made.param) == "rolling" ? "rolling" : "blue_green";
                         });

}  // namespace
}  // namespace pipeline
