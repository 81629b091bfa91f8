#include "pipelines/plan/condition.h"

#include <gtest/gtest.h>

#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

using model::Condition;

Facts facts() {
  Facts facts;
  facts.event = "push";
  facts.branch = "release/2";
  facts.tag = "v2.1";
  facts.params = {{"channel", "stable"}};
  facts.changed = {"src/main.cpp", "README.md"};
  return facts;
}

// As a pipeline file would say it.
Condition when(const std::string& keys) {
  const auto pipeline = read_for_test(
      "name = \"p\"\n[params]\nchannel = { default = \"stable\" }\n[[stage]]\nname = \"s\"\nrun = "
      "\"true\"\nwhen = { " +
      keys + " }\n");
  return pipeline.stages.empty() ? Condition() : pipeline.stages[0].when.value_or(Condition());
}

std::string reason(const Condition& condition, const Facts& known = facts()) {
  const auto result = why_not(condition, known);
  EXPECT_TRUE(result.has_value()) << result.error().to_string();
  return result.has_value() ? result->value_or("holds") : "";
}

TEST(Condition, HoldsWhenNothingIsAsked) {
  EXPECT_EQ(reason({}), "holds");
  EXPECT_EQ(describe({}), "");
}

TEST(Condition, HoldsWhenOneOfAListMatches) {
  EXPECT_EQ(reason(when("branch = ['main', 'release/*']")), "holds");
  EXPECT_EQ(reason(when("tag = 'v2.*'")), "holds");
  EXPECT_EQ(reason(when("event = ['manual', 'push']")), "holds");
  EXPECT_EQ(reason(when("changed = ['docs/**', 'src/**']")), "holds");
  EXPECT_EQ(reason(when("param.channel = ['nightly', 'stable']")), "holds");
}

TEST(Condition, SaysWhichKeyDoesNotHold) {
  EXPECT_EQ(reason(when("branch = 'main'")), "the branch is \"release/2\", not \"main\"");
  EXPECT_EQ(reason(when("tag = ['v1.*', 'v3.*']")),
            "the tag is \"v2.1\", not \"v1.*\" or \"v3.*\"");
  EXPECT_EQ(reason(when("event = 'schedule'")), "the event is \"push\", not \"schedule\"");
  EXPECT_EQ(reason(when("changed = 'docs/**'")), "nothing changed that matches \"docs/**\"");
  EXPECT_EQ(reason(when("param.channel = 'nightly'")),
            "parameter channel is \"stable\", not \"nightly\"");
}

TEST(Condition, NeedsEveryKeyToHold) {
  EXPECT_EQ(reason(when("branch = 'release/*', event = 'schedule'")),
            "the event is \"push\", not \"schedule\"");
}

TEST(Condition, CannotHoldForABranchThatIsNotThere) {
  EXPECT_EQ(reason(when("branch = '*'"), {}), "there is no branch, and it asks for \"*\"");
  EXPECT_EQ(reason(when("tag = 'v*'"), {}), "there is no tag, and it asks for \"v*\"");
}

// Better a test too many than one too few.
TEST(Condition, HoldsForChangesThatAreNotKnown) {
  EXPECT_EQ(reason(when("changed = 'docs/**'"), {}), "holds");
}

TEST(Condition, NegatesWholeTables) {
  EXPECT_EQ(reason(when("not = { branch = 'main' }")), "holds");
  EXPECT_EQ(reason(when("not = [{ branch = 'main' }, { tag = 'v*' }]")), "it excludes tag \"v*\"");
  EXPECT_EQ(reason(when("not = { branch = 'release/*', event = 'manual' }")), "holds");
  EXPECT_EQ(reason(when("not = { not = { branch = 'main' } }")),
            "it excludes not (branch \"main\")");
}

TEST(Condition, DescribesWhatIsAsked) {
  EXPECT_EQ(describe(when("branch = ['main', 'release/*'], changed = 'src/**', "
                          "param.channel = 'stable', not = { event = 'manual' }")),
            "branch \"main\" or \"release/*\" and parameter channel \"stable\" and changes in "
            "\"src/**\" and not (event \"manual\")");
}

TEST(Condition, RefusesAPatternThatCannotBe) {
  Condition broken;
  broken.branch = {"["};
  EXPECT_FALSE(why_not(broken, facts()).has_value());
}

}  // namespace
}  // namespace pipeline::plan
