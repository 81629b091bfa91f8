#include "runner/serve/followers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/sqlite/sqlite_success_store.h"
#include "tests/unit/runner/serve/outbox_of_tests.h"

namespace pipeline::serve {
namespace {

using base::ErrorKind;
using base::Result;
using run::RunId;
using run::RunStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kShop = "https://example.org/acme/shop";
constexpr const char* kLib = "https://example.org/acme/lib";

class FollowersTest : public testing::Test {
 protected:
  FollowersTest() {
    EXPECT_TRUE(stores_.repositories->add({.name = "lib", .url = kLib, .added_at = {}}));
    EXPECT_TRUE(stores_.repositories->add({.name = "shop", .url = kShop, .added_at = {}}));
    start();
  }

  // As another server does, on what an earlier one left.
  void start() {
    followers_.emplace(
        Followers::Parts{.runs = *stores_.runs,
                         .successes = *successes_,
                         .repositories = *stores_.repositories,
                         .paths = stores_.paths,
                         .clock = stores_.clock,
                         .begin = [this](const Follow& follow) { return begin(follow); },
                         .tell = [this](const auto& line) { stores_.told.push_back(line); }});
  }
  static run::RunSpec spec(const std::string& pipeline, const std::string& repository = kLib) {
    run::RunSpec spec;
    spec.pipeline = pipeline;
    spec.repository = repository;
    spec.pipeline_file = pipeline + ".toml";
    spec.facts.event = "push";
    spec.facts.branch = "main";
    spec.facts.commit = "abc";
    return spec;
  }
  RunId ended(run::RunSpec spec, RunStatus status = RunStatus::succeeded) {
    const auto run = *stores_.runs->create();
    run::RunCreated created;
    created.spec = std::move(spec);
    const base::TimePoint now = stores_.clock.now();
    const std::vector<run::Event> events = {
        {.sequence = 1, .at = now, .body = created},
        {.sequence = 2, .at = now, .body = run::RunFinished{status, ""}}};
    EXPECT_TRUE(stores_.runs->append(run.id, events));
    return run.id;
  }
  std::vector<std::string> begun() {
    followers_->advance();
    std::vector<std::string> names;
    for (const Follow& follow : std::exchange(begun_, {}))
      names.push_back(follow.repository.name + ":" + follow.event.upstream_repository + "/" +
                      follow.event.upstream + " at " + follow.commit);
    return names;
  }
  Result<> begin(const Follow& follow) {
    last_ = follow;
    if (follow.repository.name == away_) return base::fail(ErrorKind::unavailable, "it is away");
    if (follow.repository.name == broken_) return base::fail(ErrorKind::invalid, "it has mistakes");
    begun_.push_back(follow);
    return {};
  }

  OutboxOfTests stores_;
  std::unique_ptr<store::SuccessStore> successes_ =
      *store::open_sqlite_success_store(stores_.paths);
  std::vector<Follow> begun_;
  std::optional<Follow> last_;
  std::string away_;
  std::string broken_;
  std::optional<Followers> followers_;
};

TEST_F(FollowersTest, ASuccessIsSeenByEveryRepositoryOnce) {
  ended(spec("build"));
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc", "shop:lib/build at "));
  EXPECT_THAT(begun(), IsEmpty());
  start();
  EXPECT_THAT(begun(), IsEmpty());
}

TEST_F(FollowersTest, OthersOnlyWhereTheyMayWait) {
  followers_->waits_for("shop", {"other"});
  ended(spec("build"));
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc"));
  followers_->waits_for("shop", {"lib"});
  const RunId run = ended(spec("build"));
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc", "shop:lib/build at "));
  EXPECT_EQ(last_->event.after, run);
  EXPECT_EQ(last_->event.branch, "main");
  EXPECT_EQ(last_->event.from, std::nullopt) << "it is built on its own branch";
}

TEST_F(FollowersTest, NotWhatNobodyHasVouchedFor) {
  ended(spec("build"), RunStatus::failed);
  run::RunSpec other = spec("build");
  other.facts.untrusted = true;
  ended(other);
  other = spec("build");
  other.facts.event = "pull_request";
  ended(other);
  other = spec("build");
  other.facts.dirty = true;
  ended(other);
  other = spec("build");
  other.parent = run::ParentRun{1, "child"};
  ended(other);
  ended(spec("build", "/somewhere/else"));
  EXPECT_THAT(begun(), IsEmpty());
  EXPECT_THAT(*successes_->unseen(), IsEmpty());
}

TEST_F(FollowersTest, NotWhatIsOld) {
  ended(spec("build"));
  stores_.clock.advance(std::chrono::hours(25));
  EXPECT_THAT(begun(), IsEmpty());
}

TEST_F(FollowersTest, NoneStartsItselfOverOthers) {
  const RunId first = ended(spec("build"));
  run::RunSpec second = spec("deploy", kShop);
  second.after = first;
  run::RunSpec third = spec("report", kShop);
  third.after = ended(second);
  begun();
  ended(third);
  begun();
  EXPECT_EQ(last_->repository.name, "shop");
  EXPECT_THAT(last_->not_these, ElementsAre("deploy.toml", "report.toml"));
}

TEST_F(FollowersTest, WhatAnEarlierServerBeganDoesNotBeginAgain) {
  const RunId first = ended(spec("build"));
  run::RunSpec second = spec("deploy", kShop);
  second.after = first;
  ended(second, RunStatus::failed);
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc", "shop:lib/build at "));
  EXPECT_THAT(last_->not_these, ElementsAre("deploy.toml"));
}

TEST_F(FollowersTest, OneThatIsAwayIsWaitedFor) {
  away_ = "lib";
  const RunId first = ended(spec("build"));
  EXPECT_THAT(begun(), ElementsAre("shop:lib/build at "));
  EXPECT_THAT(stores_.told, ElementsAre(HasSubstr("run 1 starts has to wait: it is away")));
  run::RunSpec begun_meanwhile = spec("deploy", kShop);
  begun_meanwhile.after = first;
  ended(begun_meanwhile, RunStatus::failed);
  away_.clear();
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc", "shop:lib/build at "));
  EXPECT_THAT(last_->not_these, ElementsAre("deploy.toml"));
  EXPECT_THAT(*successes_->unseen(), IsEmpty());
}

TEST_F(FollowersTest, OneThatIsAwayIsWaitedForThoughAnotherHasMistakes) {
  away_ = "lib";
  broken_ = "shop";
  ended(spec("build"));
  EXPECT_THAT(begun(), IsEmpty());
  EXPECT_THAT(stores_.told, UnorderedElementsAre(HasSubstr("run 1 starts has to wait: it is away"),
                                                 HasSubstr("run 1 starts is not known: it has")));
  away_.clear();
  EXPECT_THAT(begun(), ElementsAre("lib:/build at abc"));
  EXPECT_THAT(*successes_->unseen(), IsEmpty());
}

}  // namespace
}  // namespace pipeline::serve
