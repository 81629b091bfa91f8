// What every UserStore, GroupStore and RoleStore promises, and a TokenStore of tokens that are
// somebody's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/sqlite/sqlite_group_store.h"
#include "runner/store/sqlite/sqlite_role_store.h"
#include "runner/store/sqlite/sqlite_token_store.h"
#include "runner/store/sqlite/sqlite_user_store.h"
#include "runner/store/token.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using access::Grant;
using access::kEverywhere;
using access::Role;
using access::Subject;
using base::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// How one implementation opens its stores.
struct PeopleStores {
  Open<UserStore> users;
  Open<GroupStore> groups;
  Open<RoleStore> roles;
  Open<TokenStore> tokens;
};

class PeopleStoresContract : public testing::TestWithParam<PeopleStores> {
 protected:
  template <class Store>
  std::unique_ptr<Store> open(Open<Store> PeopleStores::*which) const {
    auto opened = (GetParam().*which)(Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }
  // Each another object on the same storage, as another process has it.
  auto users() const { return open(&PeopleStores::users); }
  auto groups() const { return open(&PeopleStores::groups); }
  auto roles() const { return open(&PeopleStores::roles); }
  auto tokens() const { return open(&PeopleStores::tokens); }

  static Subject user(const std::string& name) { return {Subject::Kind::user, name}; }
  static Subject group(const std::string& name) { return {Subject::Kind::group, name}; }
  void add_user(const std::string& name) const {
    ASSERT_TRUE(users()->add({.name = name, .added_at = kNoon}));
  }
  void add_group(const std::string& name) const { ASSERT_TRUE(groups()->add(name, kNoon)); }
  void grant(const Subject& subject, const Grant& grant) const {
    ASSERT_TRUE(roles()->set({.subject = subject, .grant = grant, .granted_at = kNoon}));
  }

 private:
  support::TemporaryDirectory directory_;
};

template <class Outcome>
ErrorKind kind_of(const Outcome& outcome) {
  return outcome ? ErrorKind::internal : outcome.error().kind();
}

TEST_P(PeopleStoresContract, UsersAreFoundByNameAndIdentity) {
  const UserEntry ann{
      .name = "ann", .added_at = kNoon, .identity = Identity{"https://id.example.org", "4711"}};
  const UserEntry bob{.name = "bob", .added_at = kNoon};
  const auto store = users();
  ASSERT_TRUE(store->add(bob));
  ASSERT_TRUE(store->add(ann));
  EXPECT_EQ(*users()->find("ann"), ann);
  EXPECT_EQ(*users()->find("bob"), bob);
  EXPECT_EQ(*users()->find("an"), std::nullopt);
  EXPECT_EQ(*users()->find(*ann.identity), ann);
  EXPECT_EQ(*users()->find(Identity{"https://evil.example.org", "4711"}), std::nullopt);
  EXPECT_EQ(*users()->find(Identity{"https://id.example.org", "471"}), std::nullopt);
  EXPECT_THAT(*store->list(), ElementsAre(ann, bob));
}

TEST_P(PeopleStoresContract, NamesAndIdentitiesAreTakenOnce) {
  const Identity identity{"https://id.example.org", "4711"};
  ASSERT_TRUE(users()->add({.name = "ann", .added_at = kNoon, .identity = identity}));
  EXPECT_EQ(kind_of(users()->add({.name = "ann", .added_at = kNoon})), ErrorKind::already_exists);
  EXPECT_EQ(kind_of(users()->add({.name = "bob", .added_at = kNoon, .identity = identity})),
            ErrorKind::already_exists);
  EXPECT_EQ(*users()->find("bob"), std::nullopt);
  add_group("ann");
  EXPECT_EQ(kind_of(groups()->add("ann", kNoon)), ErrorKind::already_exists);
}

TEST_P(PeopleStoresContract, GroupsHaveMembers) {
  for (const char* name : {"ann", "bob"}) add_user(name);
  for (const char* name : {"release", "ops"}) add_group(name);
  const auto store = groups();
  ASSERT_TRUE(store->add_member("release", "bob"));
  ASSERT_TRUE(store->add_member("release", "ann"));
  ASSERT_TRUE(store->add_member("release", "ann")) << "once more is no more";
  EXPECT_THAT(*groups()->list(), ElementsAre(GroupEntry{"ops", kNoon, {}},
                                             GroupEntry{"release", kNoon, {"ann", "bob"}}));
  EXPECT_THAT(*groups()->groups_of("ann"), ElementsAre("release"));
  EXPECT_EQ(store->remove_member("release", "ann"), true);
  EXPECT_EQ(groups()->remove_member("release", "ann"), false);
  EXPECT_THAT(*store->groups_of("ann"), IsEmpty());
  EXPECT_EQ(kind_of(store->add_member("release", "eve")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(store->add_member("rest", "ann")), ErrorKind::not_found);
}

TEST_P(PeopleStoresContract, ALoginSaysOnlyWhatItKnows) {
  add_user("ann");
  for (const char* name : {"release", "ops", "support"}) add_group(name);
  const auto store = groups();
  ASSERT_TRUE(store->add_member("release", "ann"));
  ASSERT_TRUE(store->set_by_login("ann", {"ops", "release", "unknown", "ops"}));
  EXPECT_THAT(*groups()->groups_of("ann"), ElementsAre("ops", "release"));
  EXPECT_THAT(groups()->list()->at(1).members, ElementsAre("ann")) << "a member once";
  ASSERT_TRUE(store->set_by_login("ann", {"support"}));
  EXPECT_THAT(*groups()->groups_of("ann"), ElementsAre("release", "support"))
      << "what an operator said stays";
  EXPECT_EQ(store->remove_member("support", "ann"), true);
  EXPECT_EQ(kind_of(store->set_by_login("eve", {"ops"})), ErrorKind::not_found);
}

TEST_P(PeopleStoresContract, ASubjectHasOneRoleInAPlace) {
  add_user("ann");
  add_group("ann");
  const auto store = roles();
  grant(user("ann"), {Role::viewer, "shop"});
  grant(user("ann"), {Role::deployer, "shop", "staging"});
  grant(user("ann"), {Role::admin, "shop"});
  grant(group("ann"), {Role::runner, kEverywhere});
  EXPECT_THAT(*roles()->list(),
              ElementsAre(RoleEntry{user("ann"), {Role::admin, "shop"}, kNoon},
                          RoleEntry{user("ann"), {Role::deployer, "shop", "staging"}, kNoon},
                          RoleEntry{group("ann"), {Role::runner, kEverywhere}, kNoon}));
  EXPECT_THAT(
      *store->grants_of("ann"),
      UnorderedElementsAre(Grant{Role::admin, "shop"}, Grant{Role::deployer, "shop", "staging"}))
      << "a group of her name is not she";
  EXPECT_EQ(store->remove(user("ann"), {"shop"}), true);
  EXPECT_EQ(roles()->remove(user("ann"), {"shop"}), false);
  EXPECT_EQ(store->remove(user("ann"), {kEverywhere}), false);
  EXPECT_THAT(*roles()->list(), testing::SizeIs(2));
  EXPECT_EQ(kind_of(store->set({user("eve"), {Role::admin, "shop"}, kNoon})), ErrorKind::not_found);
  EXPECT_EQ(kind_of(store->set({group("eve"), {Role::admin, "shop"}, kNoon})),
            ErrorKind::not_found);
}

TEST_P(PeopleStoresContract, AGroupsRolesAreItsMembers) {
  add_user("ann");
  add_user("bob");
  add_group("release");
  ASSERT_TRUE(groups()->add_member("release", "ann"));
  ASSERT_TRUE(groups()->set_by_login("ann", {"release"}));
  grant(group("release"), {Role::approver, "shop"});
  EXPECT_THAT(*roles()->grants_of("ann"), ElementsAre(Grant{Role::approver, "shop"}));
  EXPECT_THAT(*roles()->grants_of("bob"), IsEmpty());
  ASSERT_TRUE(groups()->remove_member("release", "ann"));
  EXPECT_THAT(*roles()->grants_of("ann"), IsEmpty());
}

TEST_P(PeopleStoresContract, RolesGoWithTheirRepository) {
  add_user("ann");
  grant(user("ann"), {Role::viewer, "shop"});
  grant(user("ann"), {Role::viewer, "blog"});
  ASSERT_TRUE(roles()->forget("shop"));
  EXPECT_THAT(*roles()->grants_of("ann"), ElementsAre(Grant{Role::viewer, "blog"}));
}

TEST_P(PeopleStoresContract, WhatIsSomebodysGoesWithHim) {
  add_user("ann");
  add_group("release");
  ASSERT_TRUE(groups()->add_member("release", "ann"));
  grant(user("ann"), {Role::viewer, "shop"});
  grant(group("release"), {Role::viewer, "blog"});
  const TokenEntry hers{.name = "ann-laptop",
                        .scopes = {"read"},
                        .created_at = kNoon,
                        .expires_at = {},
                        .user = "ann"};
  ASSERT_TRUE(tokens()->add(hers, digest_of_token("1")));
  EXPECT_EQ(*tokens()->find(digest_of_token("1")), hers);
  EXPECT_EQ(users()->remove("ann"), true);
  EXPECT_EQ(users()->remove("ann"), false);
  EXPECT_EQ(*tokens()->find(digest_of_token("1")), std::nullopt);
  EXPECT_THAT(groups()->list()->at(0).members, IsEmpty());
  EXPECT_THAT(*roles()->list(), testing::SizeIs(1));
  add_user("ann");
  EXPECT_THAT(*roles()->grants_of("ann"), IsEmpty()) << "another of her name gets nothing of it";
  EXPECT_EQ(groups()->remove("release"), true);
  EXPECT_EQ(groups()->remove("release"), false);
  EXPECT_THAT(*roles()->list(), IsEmpty());
}

TEST_P(PeopleStoresContract, TokensAreOfUsersWhoAreThere) {
  const TokenEntry token{
      .name = "t", .scopes = {"read"}, .created_at = kNoon, .expires_at = {}, .user = "eve"};
  EXPECT_EQ(kind_of(tokens()->add(token, digest_of_token("1"))), ErrorKind::not_found);
  EXPECT_THAT(*tokens()->list(), IsEmpty());
}

TEST_P(PeopleStoresContract, EndedSessionsAreForgotten) {
  add_user("ann");
  const auto add = [&](const std::string& name, base::TimePoint end, bool is_session) {
    ASSERT_TRUE(tokens()->add({.name = name,
                               .scopes = {"read"},
                               .created_at = kNoon,
                               .expires_at = end,
                               .user = "ann",
                               .is_session = is_session},
                              digest_of_token(name)));
  };
  const auto later = kNoon + std::chrono::hours(1);
  add("ended", kNoon, true);
  add("goes-on", later, true);
  add("made", kNoon, false);
  ASSERT_TRUE(tokens()->remove_ended_sessions(kNoon));
  EXPECT_FALSE(*tokens()->find(digest_of_token("ended")));
  EXPECT_TRUE((*tokens()->find(digest_of_token("goes-on")))->is_session);
  EXPECT_TRUE(*tokens()->find(digest_of_token("made")));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, PeopleStoresContract,
                         testing::Values(PeopleStores{
                             &open_sqlite_user_store, &open_sqlite_group_store,
                             &open_sqlite_role_store, &open_sqlite_token_store}));

}  // namespace
}  // namespace pipeline::store
