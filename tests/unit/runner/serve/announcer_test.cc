#include "runner/serve/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "runner/store/forge_token.h"
#include "tests/unit/runner/serve/outbox_of_tests.h"

namespace pipeline::serve {
namespace {

using run::RunStatus;
using store::Channel;
using store::Notice;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUrl = "https://example.org/acme/shop";
constexpr const char* kStages = "name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n";

// One run, as its engine appends it.
class Driven {
 public:
  Driven(OutboxOfTests& outbox, run::RunSpec spec) : outbox_(outbox), run_(*outbox.runs->create()) {
    run::RunCreated created;
    created.spec = std::move(spec);
    append(std::move(created));
  }
  void append(run::EventBody body) {
    const std::vector<run::Event> event = {
        {.sequence = ++sequence_, .at = outbox_.clock.now(), .body = std::move(body)}};
    ASSERT_TRUE(outbox_.runs->append(run_.id, event));
    last_ = event.front();
  }
  void end(RunStatus status) {
    append(run::JobStarted{"unit"});
    run::JobFinished finished;
    finished.job = "unit";
    finished.status =
        status == RunStatus::succeeded ? run::JobStatus::succeeded : run::JobStatus::failed;
    append(finished);
    append(run::RunFinished{status, ""});
  }
  run::RunId id() const { return run_.id; }
  const run::Event& last() const { return last_; }

 private:
  OutboxOfTests& outbox_;
  store::RunStore::NewRun run_;
  std::uint64_t sequence_ = 0;
  run::Event last_;
};

class AnnouncerTest : public testing::Test {
 protected:
  AnnouncerTest() {
    add_repository();
    start();
  }

  void add_repository() {
    ASSERT_TRUE(outbox_.repositories->add(
        {.name = "far", .url = kUrl, .added_at = {}, .forge = forge::Forge::github}));
    outbox_.keep_secret(store::forge_token_of("far"), "ghp_secret");
  }
  // As another server does, on what an earlier one left.
  void start() {
    announcer_.emplace(Announcer::Parts{
        .runs = *outbox_.runs,
        .notices = *outbox_.notices,
        .repositories = *outbox_.repositories,
        .pull_requests = *outbox_.pull_requests,
        .secrets = outbox_.secrets,
        .paths = outbox_.paths,
        .clock = outbox_.clock,
        .server = [] { return std::string("https://ci.example.org"); },
        .has_mail = true,
        .traces = traces_,
        .tell = [this](const std::string& line) { outbox_.told.push_back(line); }});
  }
  static run::RunSpec spec(const std::string& rules = "") {
    run::RunSpec spec;
    spec.pipeline = "shop";
    spec.repository = kUrl;
    spec.pipeline_file = "pipeline.toml";
    spec.pipeline_text = kStages + rules;
    spec.facts.event = "push";
    spec.facts.branch = "main";
    spec.facts.commit = "abc";
    return spec;
  }
  void look(const Driven& run) {
    announcer_->note(run.id(), nullptr);
    announcer_->advance();
  }
  // Oldest first.
  std::vector<Notice> notices() const { return *outbox_.notices->next(100); }
  std::vector<std::string> states() const {
    std::vector<std::string> states;
    for (const Notice& one : notices())
      if (one.channel == Channel::status)
        states.emplace_back(boost::json::parse(one.body).at("state").as_string());
    return states;
  }
  std::vector<std::string> told_by(Channel channel) const {
    std::vector<std::string> summaries;
    for (const Notice& one : notices())
      if (one.channel == channel) summaries.push_back(one.summary);
    return summaries;
  }

  OutboxOfTests outbox_;
  std::string traces_;
  std::optional<Announcer> announcer_;
};

TEST_F(AnnouncerTest, ATraceIsThereOnceTheRunIsOver) {
  traces_ = "127.0.0.1:4318";
  start();
  Driven run(outbox_, spec());
  look(run);
  EXPECT_THAT(told_by(Channel::traces), IsEmpty());
  run.end(RunStatus::failed);
  look(run);
  EXPECT_THAT(told_by(Channel::traces), ElementsAre("shop: the trace of run 1"));
  // Another server, which was told of nothing, adds none.
  start();
  look(run);
  ASSERT_THAT(told_by(Channel::traces), ElementsAre("shop: the trace of run 1"));
  const Notice trace = notices().back();
  EXPECT_EQ(trace.receiver, "127.0.0.1:4318");
  EXPECT_THAT(trace.body, HasSubstr(R"("name":"RUN shop")"));
  EXPECT_THAT(trace.body, HasSubstr(R"("name":"unit")"));
}

TEST_F(AnnouncerTest, ARunOfNoRepositoryHasATraceToo) {
  traces_ = "127.0.0.1:4318";
  start();
  run::RunSpec child = spec();
  child.repository = "/elsewhere";
  Driven run(outbox_, child);
  run.end(RunStatus::succeeded);
  look(run);
  EXPECT_THAT(notices(), testing::SizeIs(1));
  EXPECT_THAT(told_by(Channel::traces), ElementsAre("shop: the trace of run 1"));
}

TEST_F(AnnouncerTest, OnlyTheNewestStatusOfACommitWaits) {
  Driven run(outbox_, spec());
  look(run);
  ASSERT_EQ(notices().size(), 1U);
  EXPECT_EQ(notices()[0].detail, "abc");
  EXPECT_EQ(notices()[0].receiver, "far");
  EXPECT_EQ(boost::json::parse(notices()[0].body),
            boost::json::parse(R"({"state":"pending","context":"pipeline/shop",
              "description":"run 1 is queued",
              "target_url":"https://ci.example.org/api/v1/runs/1"})"));
  run.end(RunStatus::failed);
  look(run);
  EXPECT_THAT(states(), ElementsAre("failure"));
  EXPECT_THAT(notices()[0].body, HasSubstr("run 1 failed: unit"));
}

TEST_F(AnnouncerTest, AServerThatDiesTellsEachThingOnceAllTheSame) {
  const std::string rules = "[[notify]]\non = [\"started\", \"failure\"]\nslack = \"TEAM\"\n";
  Driven run(outbox_, spec(rules));
  run.append(run::JobStarted{"unit"});
  look(run);
  EXPECT_THAT(told_by(Channel::slack), ElementsAre("shop: run 1 on main has started"));
  // It dies here; what it did not see is there when the next one comes, which nobody wakes.
  run.append(run::RunFinished{RunStatus::failed, "unit failed"});
  start();
  announcer_->advance();
  EXPECT_THAT(told_by(Channel::slack),
              ElementsAre("shop: run 1 on main has started", "shop: run 1 on main failed"));
  start();
  announcer_->advance();
  EXPECT_EQ(told_by(Channel::slack).size(), 2U);
  EXPECT_THAT(*outbox_.notices->untold(), IsEmpty());
}

TEST_F(AnnouncerTest, WhatIsFixedIsHeldAgainstTheRunBeforeOnTheBranch) {
  const std::string rules = "[[notify]]\non = [\"fixed\", \"broken\"]\nslack = \"TEAM\"\n";
  for (const RunStatus status : {RunStatus::succeeded, RunStatus::failed, RunStatus::failed,
                                 RunStatus::cancelled, RunStatus::succeeded}) {
    Driven run(outbox_, spec(rules));
    run.end(status);
    look(run);
  }
  run::RunSpec other = spec(rules);
  other.facts.branch = "topic";
  Driven run(outbox_, other);
  run.end(RunStatus::failed);
  look(run);
  EXPECT_THAT(told_by(Channel::slack), ElementsAre("shop: run 2 on main failed (broken)",
                                                   "shop: run 5 on main succeeded (fixed)"));
}

TEST_F(AnnouncerTest, EachReceiverIsToldInItsWay) {
  Driven run(outbox_, spec("[[notify]]\nmail = [\"a@example.org\", \"b@example.org\"]\n"
                           "webhook = { url = \"HOOK\", key = \"KEY\" }\n"
                           "[[notify]]\nslack = \"TEAM\"\nmail = [\"b@example.org\"]\n"));
  run.end(RunStatus::failed);
  look(run);
  std::vector<std::string> to;
  for (const Notice& one : notices())
    to.push_back(std::string(to_string(one.channel)) + " " + one.receiver + " " + one.detail);
  EXPECT_THAT(to, ElementsAre("status far abc", "mail a@example.org ", "mail b@example.org ",
                              "webhook HOOK KEY", "slack TEAM "));
}

TEST_F(AnnouncerTest, CdeventsHearOfEveryStep) {
  Driven run(outbox_, spec("[[notify]]\non = [\"cancelled\"]\ncdevents = \"SINK\"\n"));
  run.end(RunStatus::succeeded);
  look(run);
  std::vector<std::string> events;
  for (const Notice& one : notices())
    if (one.channel == Channel::cdevents) events.push_back(one.detail);
  EXPECT_THAT(events, ElementsAre("pipelinerun.queued", "pipelinerun.started", "taskrun.started",
                                  "taskrun.finished", "pipelinerun.finished"));
}

TEST_F(AnnouncerTest, AStrangersRunHasAStatusAndNothingElse) {
  run::RunSpec strange =
      spec("[[notify]]\non = [\"failure\"]\nslack = \"TEAM\"\ncdevents = \"X\"\n");
  strange.facts.untrusted = true;
  Driven run(outbox_, strange);
  run.end(RunStatus::failed);
  look(run);
  ASSERT_EQ(notices().size(), 1U);
  EXPECT_EQ(notices()[0].channel, Channel::status);
}

TEST_F(AnnouncerTest, TheStatusOfAMergeIsItsHeads) {
  ASSERT_TRUE(outbox_.pull_requests->note_merge("far", "abc", "its head"));
  Driven run(outbox_, spec());
  look(run);
  EXPECT_EQ(notices()[0].detail, "its head");
}

TEST_F(AnnouncerTest, NoStatusWithoutATokenOrOfATreeThatIsNoCommits) {
  run::RunSpec dirty = spec();
  dirty.facts.dirty = true;
  Driven changed(outbox_, dirty);
  look(changed);
  ASSERT_TRUE(outbox_.secrets.remove(store::forge_token_of("far")));
  Driven run(outbox_, spec());
  look(run);
  EXPECT_THAT(notices(), IsEmpty());
}

TEST_F(AnnouncerTest, NobodyIsToldOfARepositoryThatIsNotKnown) {
  run::RunSpec elsewhere = spec("[[notify]]\nslack = \"TEAM\"\n");
  elsewhere.repository = "/home/somebody/shop";
  Driven run(outbox_, elsewhere);
  run.end(RunStatus::failed);
  look(run);
  EXPECT_THAT(notices(), IsEmpty());
  EXPECT_THAT(*outbox_.notices->untold(), IsEmpty());
}

TEST_F(AnnouncerTest, OldNewsIsNone) {
  Driven run(outbox_, spec("[[notify]]\nslack = \"TEAM\"\n"));
  run.end(RunStatus::failed);
  outbox_.clock.advance(std::chrono::hours(25));
  announcer_->advance();
  EXPECT_THAT(notices(), IsEmpty());
  EXPECT_THAT(*outbox_.notices->untold(), IsEmpty());
}

TEST_F(AnnouncerTest, ARunThatIsTriedAgainIsToldOfAgain) {
  Driven run(outbox_, spec("[[notify]]\non = [\"failure\", \"fixed\"]\nslack = \"TEAM\"\n"));
  run.end(RunStatus::failed);
  look(run);
  run.append(run::RunRetried{{"unit"}});
  look(run);
  EXPECT_THAT(states(), ElementsAre("pending"));
  run.append(run::JobStarted{"unit", 2});
  run.append(run::RunFinished{RunStatus::succeeded, ""});
  look(run);
  EXPECT_THAT(states(), ElementsAre("success"));
  EXPECT_THAT(told_by(Channel::slack),
              ElementsAre("shop: run 1 on main failed", "shop: run 1 on main succeeded (fixed)"));
}

TEST_F(AnnouncerTest, WakesForWhatMayMatterOnly) {
  EXPECT_FALSE(announcer_->note(1, nullptr) && announcer_->note(1, nullptr));
  const run::Event command{.sequence = 5, .at = {}, .body = run::CommandStarted{}};
  EXPECT_FALSE(announcer_->note(2, &command));
  const run::Event end{.sequence = 6, .at = {}, .body = run::RunFinished{}};
  EXPECT_TRUE(announcer_->note(2, &end));
}

}  // namespace
}  // namespace pipeline::serve
