// `[concurrency]`: runs of one group, each in a process of its own.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;
using support::Running;

class Concurrency : public ::testing::Test {
 protected:
  // A run goes on until its file is there: `pipeline run --param go=NAME`.
  void write_pipeline(const std::string& concurrency) {
    product_.write("pipeline.toml",
                   "name = \"shop\"\n[concurrency]\ngroup = \"deploy-{branch}\"\n" + concurrency +
                       "\n[params]\ngo = { default = \"go\" }\n"
                       "[defaults]\nsandbox = { readable = [\"" +
                       product_.root().string() +
                       "\"] }\n[[stage]]\nname = \"deploy\"\nrun = \"until test -e " +
                       product_.root().string() + "/$PARAM_GO; do sleep 0.05; done\"\n");
    product_.commit();
  }
  Running start(const std::string& go = "go") {
    return product_.start({"run", "--param", "go=" + go});
  }
  void let_go(const std::string& go = "go") { product_.write(product_.root() / go, ""); }
  static ::testing::AssertionResult says(const Running& run, const std::string& words) {
    if (eventually([&] { return run.out().find(words) != std::string::npos; })) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "not there: " << words << "\n" << run.out();
  }
  static ::testing::AssertionResult works(const Running& run) { return says(run, "deploy: $ "); }
  Product product_;
};

TEST_F(Concurrency, ARunWaitsForItsTurnAndSaysForWhom) {
  write_pipeline("");
  auto first = start();
  ASSERT_TRUE(works(first));
  auto second = start();
  ASSERT_TRUE(says(second, "waiting for run 1 of group deploy-main\n"));
  EXPECT_NE(product_.run({"runs"}).out.find("waiting for run 1 of group deploy-main"),
            std::string::npos)
      << product_.run({"runs"}).out;
  EXPECT_TRUE(matches_golden("e2e/concurrency_show_waiting.txt",
                             product_.normalised(product_.run({"show", "2"}).out)));
  EXPECT_EQ(second.out().find("deploy: $ "), std::string::npos);
  let_go();
  EXPECT_EQ(first.wait().exit_code, 0);
  const auto ended = second.wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(matches_golden("e2e/concurrency_waited.txt", product_.normalised(ended.out)));
  EXPECT_EQ(product_.run({"runs"}).out.find("waiting for"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(product_.home() / "groups"));
}

TEST_F(Concurrency, RunsGoInTheOrderOfComing) {
  write_pipeline("");
  auto first = start("one");
  ASSERT_TRUE(works(first));
  auto second = start("two");
  ASSERT_TRUE(says(second, "waiting for run 1 of"));
  auto third = start("three");
  ASSERT_TRUE(says(third, "waiting for runs 1 and 2 of"));
  let_go("three");
  let_go("one");
  EXPECT_EQ(first.wait().exit_code, 0);
  ASSERT_TRUE(works(second));
  ASSERT_TRUE(says(third, "waiting for run 2 of"));
  let_go("two");
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(third.wait().exit_code, 0);
}

TEST_F(Concurrency, AsManyGoOnAsTheLimitSays) {
  write_pipeline("limit = 2");
  // One after the other: of two that come at once, either may be the first in the queue.
  auto first = start();
  ASSERT_TRUE(works(first));
  auto second = start();
  ASSERT_TRUE(works(second));
  auto third = start();
  ASSERT_TRUE(says(third, "waiting for runs 1 and 2 of group deploy-main\n"));
  let_go();
  for (Running* run : {&first, &second, &third}) EXPECT_EQ(run->wait().exit_code, 0);
}

TEST_F(Concurrency, AnotherGroupDoesNotWait) {
  write_pipeline("");
  auto first = start("one");
  ASSERT_TRUE(works(first));
  product_.git({"checkout", "-q", "-b", "topic"});
  let_go("two");
  EXPECT_EQ(start("two").wait().exit_code, 0);
  let_go("one");
  EXPECT_EQ(first.wait().exit_code, 0);
}

TEST_F(Concurrency, ANewerRunEndsThoseThatWait) {
  write_pipeline("superseded = \"cancel-queued\"");
  auto first = start();
  ASSERT_TRUE(works(first));
  auto second = start();
  ASSERT_TRUE(says(second, "waiting for run 1 of"));
  auto third = start();
  const auto ended = second.wait();
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_TRUE(matches_golden("e2e/concurrency_superseded.txt", product_.normalised(ended.out)));
  ASSERT_TRUE(says(third, "waiting for run 1 of"));
  let_go();
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_EQ(third.wait().exit_code, 0);
  EXPECT_NE(product_.run({"runs"}).out.find("superseded by run 3"), std::string::npos);
}

TEST_F(Concurrency, ANewerRunMayEndTheOneThatRuns) {
  write_pipeline("superseded = \"cancel-running\"");
  auto first = start("never");
  ASSERT_TRUE(works(first));
  auto second = start();
  const auto ended = first.wait();
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_NE(ended.out.find("cancelling: superseded by run 2\n"), std::string::npos) << ended.out;
  EXPECT_TRUE(ended.out.ends_with(": superseded by run 2\n")) << ended.out;
  let_go();
  EXPECT_EQ(second.wait().exit_code, 0);
}

TEST_F(Concurrency, WhoWaitsCanBeCancelled) {
  write_pipeline("");
  auto first = start();
  ASSERT_TRUE(works(first));
  auto second = start();
  ASSERT_TRUE(says(second, "waiting for run 1 of"));
  auto third = start();
  ASSERT_TRUE(says(third, "waiting for runs 1 and 2 of"));
  second.signal(SIGINT);
  EXPECT_EQ(second.wait().exit_code, 130);
  ASSERT_TRUE(says(third, "waiting for run 1 of"));
  EXPECT_EQ(product_.run({"cancel", "3"}).exit_code, 0);
  EXPECT_EQ(third.wait().exit_code, 130);
  let_go();
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_TRUE(product_.is_quiet());
  EXPECT_TRUE(std::filesystem::is_empty(product_.home() / "groups"));
}

TEST_F(Concurrency, AKilledRunIsOutOfTheWay) {
  write_pipeline("");
  auto first = start("never");
  ASSERT_TRUE(works(first));
  auto second = start("never");
  ASSERT_TRUE(says(second, "waiting for run 1 of"));
  let_go();
  auto third = start();
  ASSERT_TRUE(says(third, "waiting for runs 1 and 2 of"));
  second.signal(SIGKILL);
  second.wait();
  ASSERT_TRUE(says(third, "waiting for run 1 of"));
  first.signal(SIGKILL);
  first.wait();
  EXPECT_EQ(third.wait().exit_code, 0);
}

TEST_F(Concurrency, ARetryQueuesToo) {
  write_pipeline("");
  auto first = start("one");
  ASSERT_TRUE(works(first));
  first.signal(SIGINT);
  EXPECT_EQ(first.wait().exit_code, 130);
  auto second = start("two");
  ASSERT_TRUE(works(second));
  auto again = product_.start({"retry", "1"});
  ASSERT_TRUE(says(again, "waiting for run 2 of group deploy-main\n"));
  let_go("one");
  let_go("two");
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(again.wait().exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
