#include "pipelines/notify/occasion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pipeline::notify {
namespace {

using model::Occasion;
using run::RunStatus;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Happening ended(RunStatus status, std::optional<RunStatus> itself_before = std::nullopt) {
  Happening happening{.kind = Happening::Kind::finished, .sequence = 1, .at = {}};
  happening.status = status;
  happening.before = itself_before;
  return happening;
}

TEST(Occasions, AnEndIsHeldAgainstTheOneBefore) {
  EXPECT_THAT(occasions_of(ended(RunStatus::succeeded), std::nullopt),
              UnorderedElementsAre(Occasion::success));
  EXPECT_THAT(occasions_of(ended(RunStatus::succeeded), RunStatus::failed),
              UnorderedElementsAre(Occasion::success, Occasion::fixed));
  EXPECT_THAT(occasions_of(ended(RunStatus::errored), RunStatus::succeeded),
              UnorderedElementsAre(Occasion::error, Occasion::broken));
  EXPECT_THAT(occasions_of(ended(RunStatus::failed), RunStatus::errored),
              UnorderedElementsAre(Occasion::failure));
  EXPECT_THAT(occasions_of(ended(RunStatus::succeeded), RunStatus::succeeded),
              UnorderedElementsAre(Occasion::success));
}

TEST(Occasions, SomebodysWordIsNoVerdict) {
  EXPECT_THAT(occasions_of(ended(RunStatus::cancelled), RunStatus::succeeded),
              UnorderedElementsAre(Occasion::cancelled));
  EXPECT_THAT(occasions_of(ended(RunStatus::succeeded), RunStatus::cancelled),
              UnorderedElementsAre(Occasion::success));
}

TEST(Occasions, ARunThatWasTriedAgainIsHeldAgainstItself) {
  EXPECT_THAT(occasions_of(ended(RunStatus::succeeded, RunStatus::failed), RunStatus::succeeded),
              UnorderedElementsAre(Occasion::success, Occasion::fixed));
}

TEST(Occasions, WhatHasNoWord) {
  EXPECT_THAT(occasions_of({.kind = Happening::Kind::job_started, .at = {}}, std::nullopt),
              IsEmpty());
  EXPECT_THAT(occasions_of({.kind = Happening::Kind::approval, .at = {}}, std::nullopt),
              UnorderedElementsAre(Occasion::approval));
}

TEST(Rules, AreAboutBranchesAndNeverAboutAStrangersRun) {
  plan::Facts facts;
  facts.branch = "main";
  const model::NotifyRule all;
  const model::NotifyRule releases{.branches = {"release/*", "stable"}};
  EXPECT_TRUE(is_about(all, facts));
  EXPECT_FALSE(is_about(releases, facts));
  facts.branch = "release/2";
  EXPECT_TRUE(is_about(releases, facts));
  facts.untrusted = true;
  EXPECT_FALSE(is_about(all, facts));
  EXPECT_FALSE(is_about(releases, facts));
}

TEST(Rules, WantWhatTheySay) {
  const model::NotifyRule usual;
  EXPECT_TRUE(wants(usual, {Occasion::success, Occasion::fixed}));
  EXPECT_TRUE(wants(usual, {Occasion::error}));
  EXPECT_FALSE(wants(usual, {Occasion::success}));
  EXPECT_FALSE(wants(usual, {}));
}

TEST(Occasions, HaveTheWordsOfTheFile) {
  EXPECT_EQ(to_string(Occasion::started), "started");
  EXPECT_EQ(to_string(Occasion::cancelled), "cancelled");
  EXPECT_EQ(to_string(Occasion::fixed), "fixed");
}

}  // namespace
}  // namespace pipeline::notify
