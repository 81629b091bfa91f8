#include "runner/serve/branch_rules.h"

#include <gtest/gtest.h>

namespace pipeline::serve {
namespace {

using access::Role;
using store::Protection;

Protection of(const std::string& branches) {
  return {.repository = "shop", .branches = branches};
}

TEST(BranchRules, OnlyThoseThatFitCount) {
  EXPECT_EQ(rules_for("main", {}), std::nullopt);
  EXPECT_EQ(rules_for("main", {of("release/*")}), std::nullopt);
  EXPECT_EQ(rules_for("release/1/x", {of("release/*")}), std::nullopt);
  EXPECT_EQ(rules_for("release/1", {of("release/*")}), BranchRules{});
}

TEST(BranchRules, TheStrictestOfAllCounts) {
  Protection loose = of("**");
  loose.allows_force = true;
  EXPECT_TRUE(rules_for("main", {loose})->allows_force);
  Protection waits = of("main");
  waits.waits_for_pipeline = true;
  Protection deployers = of("ma*");
  deployers.role = Role::deployer;
  deployers.allows_force = true;
  const BranchRules strict = {
      .waits_for_pipeline = true, .allows_force = false, .role = Role::deployer};
  EXPECT_EQ(rules_for("main", {loose, waits, deployers}), strict);
  EXPECT_EQ(rules_for("main", {deployers, waits, loose}), strict);
}

TEST(BranchRules, APatternThatCannotBeReadProtectsAll) {
  EXPECT_EQ(rules_for("main", {of("[")}), BranchRules{});
}

TEST(BranchRules, EachRoleAsksForItsScope) {
  EXPECT_EQ(scope_to_push(Role::runner), api::Scope::run);
  EXPECT_EQ(scope_to_push(Role::approver), api::Scope::approve);
  EXPECT_EQ(scope_to_push(Role::deployer), api::Scope::deploy);
  EXPECT_EQ(scope_to_push(Role::admin), api::Scope::admin);
}

}  // namespace
}  // namespace pipeline::serve
