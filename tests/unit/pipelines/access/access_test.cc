#include "pipelines/access/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/property.h"

namespace pipeline::access {
namespace {

using Grants = std::vector<Grant>;

const std::vector<std::string> kRepositories = {"shop", "blog", ""};
const std::vector<std::string> kEnvironments = {"", "staging", "production"};

std::vector<Place> all_places() {
  std::vector<Place> places;
  for (const auto& environment : kEnvironments) {
    places.push_back({kEverywhere, environment});
    for (const auto& repository : kRepositories) places.push_back({repository, environment});
  }
  return places;
}

std::vector<Grant> all_grants() {
  std::vector<Grant> grants;
  for (const Role role : kRoles)
    for (const auto& environment : kEnvironments)
      for (const char* repository : {"shop", "blog", kEverywhere})
        if (const Grant grant{role, repository, environment}; check(grant)) grants.push_back(grant);
  return grants;
}

TEST(Role, AllowsWhatThoseBeforeItDo) {
  // A row a role, a column a permission: see, run, approve, deploy, administer.
  const std::vector<std::string> expected = {"+----", "++---", "+++--", "++++-", "+++++"};
  std::vector<std::string> found;
  for (const Role role : kRoles) {
    const Grants grants = {{role, "shop"}};
    std::string row;
    for (const Permission permission : kPermissions)
      row += allows(grants, permission, {"shop"}) ? '+' : '-';
    found.push_back(row);
  }
  EXPECT_EQ(found, expected);
}

TEST(Role, HasAWord) {
  for (const Role role : kRoles) EXPECT_EQ(role_of(to_string(role)), role);
  EXPECT_EQ(role_of("owner"), std::nullopt);
  EXPECT_EQ(role_of(""), std::nullopt);
}

TEST(Access, IsDeniedUnlessSomebodyGaveIt) {
  for (const Permission permission : kPermissions)
    for (const Place& place : all_places()) EXPECT_FALSE(allows({}, permission, place));
}

TEST(Access, OfOneRepositoryIsNoneOfAnother) {
  const Grants grants = {{Role::admin, "shop"}};
  for (const Permission permission : kPermissions) {
    EXPECT_TRUE(allows(grants, permission, {"shop", "production"}));
    EXPECT_FALSE(allows(grants, permission, {"blog"}));
    EXPECT_FALSE(allows(grants, permission, {kEverywhere}));
    EXPECT_FALSE(allows(grants, permission, {""})) << "a forgotten repository is nobody's";
  }
}

TEST(Access, OfOneEnvironmentIsToSeeItsRepository) {
  const Grants grants = {{Role::deployer, "shop", "staging"}};
  EXPECT_TRUE(allows(grants, Permission::deploy, {"shop", "staging"}));
  EXPECT_TRUE(allows(grants, Permission::approve, {"shop", "staging"}));
  EXPECT_TRUE(allows(grants, Permission::see, {"shop", "production"}));
  EXPECT_FALSE(allows(grants, Permission::deploy, {"shop", "production"}));
  EXPECT_FALSE(allows(grants, Permission::deploy, {"shop"})) << "not in all environments";
  EXPECT_FALSE(allows(grants, Permission::run, {"shop"}));
  EXPECT_FALSE(allows(grants, Permission::see, {"blog"}));
}

TEST(Access, OnlyApproversAndDeployersAreOfAnEnvironment) {
  for (const Role role : kRoles)
    EXPECT_EQ(check({role, "shop", "staging"}).has_value(),
              role == Role::approver || role == Role::deployer);
  for (const Role role : kRoles) EXPECT_TRUE(check({role, "shop"}));
}

// Said otherwise than the code does: the words of the headers, one by one.
bool is_promised(const Grant& grant, Permission permission, const Place& place) {
  const bool is_everywhere = grant.repository == "*";
  const bool is_there = grant.repository == place.repository;
  if (!is_everywhere && !is_there) return false;
  if (permission == Permission::see) return true;
  if (!grant.environment.empty() && place.environment != grant.environment) return false;
  switch (grant.role) {
    case Role::viewer:
      return false;
    case Role::runner:
      return permission == Permission::run;
    case Role::approver:
      return permission == Permission::run || permission == Permission::approve;
    case Role::deployer:
      return permission != Permission::administer;
    case Role::admin:
      return true;
  }
  return false;
}

TEST(Access, EveryGrantIsWorthWhatIsPromised) {
  for (const Grant& grant : all_grants())
    for (const Permission permission : kPermissions)
      for (const Place& place : all_places())
        EXPECT_EQ(allows(Grants{grant}, permission, place), is_promised(grant, permission, place))
            << to_string(grant.role) << " of " << grant.repository << "/" << grant.environment
            << " at " << place.repository << "/" << place.environment;
}

Grants some_grants() {
  return *rc::gen::container<Grants>(rc::gen::elementOf(all_grants()));
}

RC_GTEST_PROP(Access, grants_only_add, ()) {
  Grants grants = some_grants();
  const auto permission =
      *rc::gen::elementOf(std::vector<Permission>(kPermissions.begin(), kPermissions.end()));
  const Place place = *rc::gen::elementOf(all_places());
  const bool before = allows(grants, permission, place);
  const Grant one = *rc::gen::elementOf(all_grants());
  grants.insert(grants.begin() + *rc::gen::inRange<long>(0, std::ssize(grants) + 1), one);
  RC_ASSERT(allows(grants, permission, place) ==
            (before || allows(Grants{one}, permission, place)));
}

RC_GTEST_PROP(Access, a_higher_role_is_never_less, ()) {
  Grant grant = *rc::gen::elementOf(all_grants());
  const Place place = *rc::gen::elementOf(all_places());
  const auto permission =
      *rc::gen::elementOf(std::vector<Permission>(kPermissions.begin(), kPermissions.end()));
  const bool before = allows(Grants{grant}, permission, place);
  grant.role = *rc::gen::elementOf(
      std::vector<Role>(kRoles.begin() + static_cast<long>(grant.role), kRoles.end()));
  RC_ASSERT(!before || allows(Grants{grant}, permission, place));
}

RC_GTEST_PROP(Access, what_holds_everywhere_holds_at_every_place, ()) {
  const Grants grants = some_grants();
  for (const Permission permission : kPermissions)
    if (allows(grants, permission, {kEverywhere}))
      for (const Place& place : all_places()) RC_ASSERT(allows(grants, permission, place));
}

}  // namespace
}  // namespace pipeline::access
