#include "runner/cli/event_choice.h"

#include <gtest/gtest.h>

namespace pipeline::cli {
namespace {

using namespace std::chrono_literals;

model::Pipeline pipeline_with_schedules() {
  model::Pipeline pipeline;
  pipeline.triggers.push = {"main"};
  model::Schedule nightly;
  nightly.name = "nightly";
  nightly.cron = "30 2 * * *";
  nightly.timezone = "Europe/Zurich";
  nightly.params = {{"channel", "nightly"}};
  model::Schedule weekly;
  weekly.name = "weekly";
  weekly.cron = "@weekly";
  pipeline.triggers.schedules = {nightly, weekly};
  return pipeline;
}

plan::Facts here() {
  plan::Facts facts;
  facts.branch = "topic";
  facts.tag = "v1";
  facts.params = {{"extra", "1"}};
  return facts;
}

plan::Facts facts_for(const EventWish& wish) {
  const auto pipeline = pipeline_with_schedules();
  const auto event = event_of(wish, pipeline, here());
  EXPECT_TRUE(event) << event.error().to_string();
  return event ? facts_of(*event, wish, pipeline, here()) : plan::Facts();
}

std::string refusal(const EventWish& wish, const model::Pipeline& pipeline,
                    const plan::Facts& facts) {
  const auto event = event_of(wish, pipeline, facts);
  EXPECT_FALSE(event);
  return event ? "" : event.error().to_string() + " / " + event.error().hint().value_or("");
}

TEST(EventChoice, APushIsOfTheBranchHereUnlessOneIsNamed) {
  EXPECT_EQ(facts_for({.event = EventName::push}).branch, "topic");
  const auto facts =
      facts_for({.event = EventName::push, .branch = "main", .changed = {"src/a.cc"}});
  EXPECT_EQ(facts.event, "push");
  EXPECT_EQ(facts.branch, "main");
  EXPECT_EQ(facts.tag, "") << "a branch is pushed";
  EXPECT_EQ(facts.changed, std::vector<std::string>{"src/a.cc"});
}

TEST(EventChoice, ATagIsPushedWithoutABranch) {
  const auto facts = facts_for({.event = EventName::tag, .tag = "v2"});
  EXPECT_EQ(facts.event, "push");
  EXPECT_EQ(facts.branch, "");
  EXPECT_EQ(facts.tag, "v2");
  EXPECT_FALSE(facts.changed);
}

// A stage for the main branch must not run for what only wants to go there.
TEST(EventChoice, APullRequestIsBuiltOnItsOwnBranch) {
  const auto facts = facts_for({.event = EventName::pull_request, .branch = "main"});
  EXPECT_EQ(facts.event, "pull_request");
  EXPECT_EQ(facts.branch, "topic");
  EXPECT_FALSE(facts.untrusted);
}

TEST(EventChoice, AForksPullRequestHasTheNameThatTheServerGivesIt) {
  const auto facts = facts_for(
      {.event = EventName::pull_request, .branch = "main", .from = "pull/7", .untrusted = true});
  EXPECT_EQ(facts.branch, "pull/7");
  EXPECT_TRUE(facts.untrusted);
}

TEST(EventChoice, AScheduleGivesItsParameters) {
  auto facts = facts_for({.event = EventName::schedule, .schedule = "nightly"});
  EXPECT_EQ(facts.event, "schedule");
  EXPECT_EQ(facts.params.at("channel"), "nightly");
  EXPECT_EQ(facts.params.at("extra"), "1");
}

TEST(EventChoice, SaysWhenAScheduleFiresNext) {
  const auto pipeline = pipeline_with_schedules();
  const base::TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 3 / 27) + 12h;
  const auto note = note_of(plan::Firing{"nightly"}, pipeline, now);
  ASSERT_TRUE(note);
  EXPECT_EQ(plan::render_trigger(*note),
            "schedule nightly would start a run: it fires at \"30 2 * * *\" in Europe/Zurich\n"
            "next: Sat 2026-03-28 02:30 CET\n"
            "      Sun 2026-03-29 03:00 CEST\n"
            "      Mon 2026-03-30 02:30 CEST\n");
  EXPECT_EQ(plan::trigger_json(pipeline, *note),
            R"({"pipeline":"","trigger":{"event":"schedule nightly","starts":true,)"
            R"("why":"it fires at \"30 2 * * *\" in Europe/Zurich","next":)"
            R"(["2026-03-28T02:30:00+01:00","2026-03-29T03:00:00+02:00",)"
            R"("2026-03-30T02:30:00+02:00"]}})"
            "\n");
}

TEST(EventChoice, AsksForWhatIsMissing) {
  const auto pipeline = pipeline_with_schedules();
  EXPECT_EQ(refusal({.event = EventName::push}, pipeline, {}),
            "the working tree is on no branch / --branch NAME says which one is pushed");
  EXPECT_EQ(refusal({.event = EventName::tag}, pipeline, {}),
            "there is no tag here / --tag NAME says which one is pushed");
  EXPECT_EQ(refusal({.event = EventName::pull_request}, pipeline, here()),
            "a pull request goes to a branch / --branch NAME says to which one");
  EXPECT_EQ(refusal({.event = EventName::schedule}, pipeline, here()),
            "the pipeline has several schedules / --schedule NAME says which one: nightly, weekly");
  EXPECT_EQ(refusal({.event = EventName::schedule, .schedule = "nightli"}, pipeline, here()),
            "the pipeline has no schedule \"nightli\" / did you mean \"nightly\"?");
}

TEST(EventChoice, TheOnlyScheduleNeedsNoName) {
  auto pipeline = pipeline_with_schedules();
  pipeline.triggers.schedules.pop_back();
  const auto event = event_of({.event = EventName::schedule}, pipeline, here());
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<plan::Firing>(*event).schedule, "nightly");
}

}  // namespace
}  // namespace pipeline::cli
