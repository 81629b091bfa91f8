// Stages with `reports`: what a person sees of their tests, and what quarantine forgives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kReport =
    "<testsuite name='cart'><testcase name='total' time='0.5'><failure message='expected 3, got 4'>"
    "/workspace/t/cart_test.cc:41: Failure</failure></testcase><testcase name='empty'/>"
    "</testsuite>";

class Reports : public testing::Test {
 protected:
  void stage(const std::string& keys, const std::string& report = kReport) {
    product_.write("pipeline.toml", "name = \"demo\"\n[[stage]]\nname = \"unit\"\n" + keys + "\n");
    product_.write("report", report);
    product_.commit();
  }
  support::Ran run() { return product_.run({"run"}); }
  std::string tests(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "tests");
    return product_.run(std::move(arguments)).out;
  }

  Product product_;
};

TEST_F(Reports, OfAJobThatFailedTellWhichTestsAndWhere) {
  stage("run = \"cp report junit.xml; exit 8\"\nreports = { junit = [\"junit.xml\"] }");
  const auto ran = run();
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("tests unit: 1 passed, 1 failed\n"));
  EXPECT_THAT(ran.out, HasSubstr("  failed cart.total  t/cart_test.cc:41\n"
                                 "    expected 3, got 4\n  all of them: pipeline tests 1\n"));
  EXPECT_THAT(tests(), HasSubstr("failed cart.total  t/cart_test.cc:41  (unit, 500ms)\n"));
  EXPECT_THAT(tests({"--slow"}), HasSubstr("500ms  unit   cart.total\n"));
  EXPECT_THAT(tests({"--failed", "--json"}), HasSubstr(R"("status":"failed")"));
}

TEST_F(Reports, ThatAreMissingOrMalformedFailAJobThatWouldHaveSucceeded) {
  stage("run = \"true\"\nreports = { junit = [\"out/*.xml\"] }");
  EXPECT_THAT(run().out, HasSubstr("unit failed: reports.junit: no file matched \"out/*.xml\"\n"));
  stage("run = \"echo oops > junit.xml\"\nreports = { junit = [\"junit.xml\"] }");
  EXPECT_THAT(run().out, HasSubstr("unit failed: cannot use the report \"junit.xml\": line 1, "
                                   "column 1: syntax error\n"));
  stage("run = \"echo oops > junit.xml; exit 5\"\nreports = { junit = [\"junit.xml\"] }");
  EXPECT_THAT(run().out, HasSubstr("unit failed: command 1 exited with 5; cannot use the report"));
}

TEST_F(Reports, WithFailuresOfACommandThatSucceededAreShownOnly) {
  stage("run = \"cp report junit.xml\"\nreports = { junit = [\"junit.xml\"] }");
  const auto ran = run();
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("unit succeeded\n  failed cart.total  t/cart_test.cc:41\n"));
}

TEST_F(Reports, WhoseFailuresAreAllQuarantinedDoNotFailTheJob) {
  const std::string reports = "\nreports = { junit = [\"junit.xml\"], quarantine = [\"cart.t*\"] }";
  stage("run = \"cp report junit.xml; exit 8\"" + reports);
  const auto forgiven = run();
  EXPECT_EQ(forgiven.exit_code, 0) << forgiven.out;
  EXPECT_THAT(forgiven.out, HasSubstr("the 1 test that failed is quarantined"));
  EXPECT_THAT(forgiven.out, HasSubstr("tests unit: 1 passed, 1 quarantined\n"));
  stage(R"(run = ["cp report junit.xml; exit 8", "true"])" + reports);
  EXPECT_EQ(run().exit_code, 1) << "what comes after has not run";
  stage("run = \"exit 8\"" + reports);
  EXPECT_EQ(run().exit_code, 1) << "no test says that it failed";
}

TEST_F(Reports, OfCoverageAreSummedUp) {
  stage(
      "run = \"cp report coverage.xml\"\n"
      "reports = { coverage = { format = \"cobertura\", path = \"coverage.xml\" } }",
      "<coverage line-rate='0.8' branch-rate='0.5' lines-covered='80' lines-valid='100' "
      "branches-covered='10' branches-valid='20'><packages/></coverage>");
  const auto ran = run();
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  const std::string words = "unit: 80.0% of lines\n";
  EXPECT_THAT(ran.out, HasSubstr("tests " + words));
  EXPECT_THAT(tests(), HasSubstr(words));
  stage(
      "run = \"cp report coverage.xml\"\n"
      "reports = { coverage = { format = \"cobertura\", path = \"coverage.xml\" } }",
      "<coverage><pack");
  EXPECT_THAT(run().out, HasSubstr("unit failed: cannot use the report \"coverage.xml\""));
}

TEST_F(Reports, ComeBackWithAResultThatIsUsedAgain) {
  stage(
      "run = \"cp report junit.xml\"\ninputs = [\"report\"]\nreports = { junit = [\"junit.xml\"] "
      "}");
  EXPECT_EQ(run().exit_code, 0);
  const auto again = run();
  EXPECT_THAT(again.out, HasSubstr("unit cached: from run 1"));
  EXPECT_THAT(again.out, HasSubstr("tests unit: 1 passed, 1 failed\n"));
  EXPECT_THAT(tests({"2"}), HasSubstr("unit: 1 passed, 1 failed; from run 1\n"));
}

TEST_F(Reports, MakeATestFlakyThatPassedAndFailedOnOneTree) {
  // What the second attempt finds on the machine, the first did not.
  const std::string mark = (product_.root() / "mark").string();
  stage(R"(run = """if test -e )" + mark +
        R"(; then sed 's/<failure.*failure>//' report > junit.xml)"
        R"(; else cp report junit.xml; exit 8; fi""")"
        "\nreports = { junit = ['junit.xml'] }");
  EXPECT_EQ(product_.run({"run", "--sandbox=none"}).exit_code, 1);
  EXPECT_THAT(tests({"--flaky"}), HasSubstr("no flaky test"));
  product_.write("../mark", "");
  EXPECT_EQ(product_.run({"retry", "last", "--sandbox=none"}).exit_code, 0);
  EXPECT_THAT(tests({"--flaky"}), HasSubstr("unit   cart.total  passed 1 times, failed 1 on tree"));
  const std::string history = tests({"--history", "cart.total"});
  EXPECT_THAT(history, HasSubstr("\n1.2  unit   passed "));
  EXPECT_THAT(history, HasSubstr("\n1    unit   failed "));
}

TEST_F(Reports, HideSecrets) {
  stage(
      "secrets = [\"TOKEN\"]\nrun = \"sed \\\"s/expected 3/$TOKEN/\\\" report > junit.xml; exit "
      "1\"\n"
      "reports = { junit = [\"junit.xml\"] }");
  product_.write("env", "TOKEN=correct-horse\n");
  const auto ran = product_.run({"run", "--env-file", "env"});
  EXPECT_THAT(ran.out, HasSubstr("***, got 4"));
  EXPECT_THAT(ran.out + tests({"--json"}), Not(HasSubstr("correct-horse")));
}

}  // namespace
}  // namespace pipeline::e2e
