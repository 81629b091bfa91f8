// Matrices, retries and approvals, through the program.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

constexpr const char* kMatrix = R"(name = "shop"

[[stage]]
name      = "build"
run       = "mkdir dist && echo $MATRIX_OS > dist/os"
matrix    = { os = ["bsd", "linux"] }
artifacts = [{ name = "shop-{matrix.os}", paths = ["dist/**"] }]

[[stage]]
name   = "integration"
run    = "echo $MATRIX_DATABASE on $MATRIX_OS"
matrix = { os = ["bsd", "linux"], database = ["postgres", "sqlite"], exclude = [{ os = "bsd", database = "sqlite" }], include = [{ os = "plan9", database = "none" }] }

[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
uses = ["shop-linux"]
run  = "grep linux $ARTIFACT_SHOP_LINUX/dist/os"
)";

TEST(Matrix, RunsAJobForEachCell) {
  Product product;
  product.write("pipeline.toml", kMatrix);
  product.commit();
  const auto planned = product.run({"plan"});
  EXPECT_TRUE(matches_golden("e2e/matrix_plan.txt", product.normalised(planned.out)));
  const auto ran = product.run({"run", "--jobs", "1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/matrix_run.txt", product.normalised(ran.out)));
  const auto log = product.run({"logs", "last", "integration[os=plan9,database=none]"});
  EXPECT_NE(log.out.find("none on plan9"), std::string::npos) << log.out << log.err;
}

TEST(Matrix, OneCellCanBeRunAlone) {
  Product product;
  product.write("pipeline.toml", kMatrix);
  product.commit();
  const std::string cell = "integration[os=linux,database=sqlite]";
  const auto ran = product.run({"run", "--jobs", "1", "--stage", cell});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find(cell + ": succeeded"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("database=postgres"), std::string::npos) << ran.out;
  const auto wrong = product.run({"run", "--stage", "integration[os=linus,database=sqlite]"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/matrix_wrong_cell.txt", product.normalised(wrong.err)));
}

// Fails until its third attempt.
constexpr const char* kFlaky = R"(name = "shop"

[[stage]]
name  = "flaky"
run   = "echo attempt $PIPELINE_ATTEMPT; test $PIPELINE_ATTEMPT -ge 3"
retry = { max = 2, on = ["failed"] }

[[stage]]
name = "after"
run  = "true"
)";

TEST(AutomaticRetry, GoesOnUntilItSucceeds) {
  Product product;
  product.write("pipeline.toml", kFlaky);
  product.commit();
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/retry_automatic.txt", product.normalised(ran.out)));
  const auto first = product.run({"logs", "last", "flaky", "--attempt", "1"});
  EXPECT_NE(first.out.find("attempt 1"), std::string::npos) << first.out << first.err;
}

TEST(AutomaticRetry, GivesUpAtItsMaximum) {
  Product product;
  product.write("pipeline.toml",
                "name = \"shop\"\n[[stage]]\nname = \"never\"\nrun = \"exit 7\"\n"
                "retry = { max = 1, on = [\"failed\"] }\n");
  product.commit();
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/retry_gives_up.txt", product.normalised(ran.out)));
}

constexpr const char* kApproval = R"(name = "shop"

[[stage]]
name = "build"
run  = "mkdir dist && echo 1 > dist/shop"
artifacts = [{ name = "shop", paths = ["dist/**"] }]

[[stage]]
name   = "go"
kind   = "approval"
prompt = "release the shop?"

[[stage]]
name = "release"
run  = "echo released"
)";

class Approval : public ::testing::Test {
 protected:
  Approval() {
    product_.write("pipeline.toml", kApproval);
    product_.commit();
  }
  bool waits(const support::Running& run) {
    return eventually([&] { return run.out().find("pipeline approve") != std::string::npos; });
  }
  Product product_;
};

TEST_F(Approval, LetsTheRunGoOn) {
  auto run = product_.start({"run"});
  ASSERT_TRUE(waits(run)) << run.out();
  const auto approved = product_.run({"approve", "last", "go", "--comment", "looks good"});
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_TRUE(matches_golden("e2e/approve.txt", product_.normalised(approved.out)));
  const auto ran = run.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("go: approved by "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(": looks good\n"), std::string::npos) << ran.out;
  const auto again = product_.run({"approve", "last", "go"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/approve_over.txt", product_.normalised(again.err)));
}

TEST_F(Approval, EndsTheRunWhenItIsRejected) {
  auto run = product_.start({"run"});
  ASSERT_TRUE(waits(run)) << run.out();
  EXPECT_EQ(product_.run({"reject", "last", "go", "-m", "not on a Friday"}).exit_code, 0);
  const auto ran = run.wait();
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find(": not on a Friday"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("release: skipped"), std::string::npos) << ran.out;
}

TEST_F(Approval, IsLeftToLaterWhenNobodyWaits) {
  const auto left = product_.run({"run", "--no-wait"});
  EXPECT_EQ(left.exit_code, 4) << left.err;
  EXPECT_TRUE(matches_golden("e2e/approval_no_wait.txt", product_.normalised(left.out)));
  const auto approved = product_.run({"approve", "last", "go"});
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_NE(approved.out.find("pipeline retry 1 goes on with it"), std::string::npos);
  const auto retried = product_.run({"retry", "last"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_NE(retried.out.find("release: succeeded"), std::string::npos) << retried.out;
}

TEST_F(Approval, IsCancelledWithItsRun) {
  auto run = product_.start({"run"});
  ASSERT_TRUE(waits(run)) << run.out();
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().exit_code, 130);
  EXPECT_TRUE(product_.is_quiet());
}

TEST_F(Approval, IsNotGivenByWhoMayNot) {
  product_.write("pipeline.toml",
                 "name = \"shop\"\n[[stage]]\nname = \"go\"\nkind = \"approval\"\n"
                 "approvers = [\"nobody-of-us\", \"group:nobody-of-us\"]\n");
  const auto left = product_.run({"run", "--no-wait"});
  EXPECT_EQ(left.exit_code, 4) << left.err;
  const auto refused = product_.run({"approve", "last", "go"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("may not decide on go"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("nobody-of-us, group:nobody-of-us"), std::string::npos);
}

TEST_F(Approval, RunsOutOfTime) {
  product_.write("pipeline.toml",
                 "name = \"shop\"\n[[stage]]\nname = \"go\"\nkind = \"approval\"\n"
                 "timeout = \"100ms\"\n");
  const auto ran = product_.run({"run"});
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_NE(ran.out.find("nobody approved within 100ms"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace pipeline::e2e
