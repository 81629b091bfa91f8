#include "pipelines/rollout/journal_json.h"

#include <gmock/gmock.h>

#include "tests/unit/pipelines/rollout/samples.h"

namespace pipeline::rollout {
namespace {

Traffic traffic() {
  return {.blue = endpoints_of(make_fleet(1, {8101})),
          .green = {{.instance = "r2-1",
                     .host = "::1",
                     .port = 65535,
                     .state = EndpointState::draining}},
          .preview = {},
          .green_percent = 100};
}

std::vector<Entry> every_entry() {
  const Fleet fleet = make_fleet(2, {8103, 8104});
  const Steps every_step = {EnsureSwitch{},
                            Install{2},
                            StartInstances{fleet},
                            AwaitHealthy{fleet},
                            AssignTraffic{traffic()},
                            AskGates{GateTime::after_promotion},
                            Bake{std::chrono::seconds(5), fleet},
                            Drain{fleet},
                            StopInstances{fleet},
                            RemoveRelease{1},
                            ShutDownSwitch{},
                            Enter{State::shifting, 3}};
  EnvironmentRecord record;
  record.last_release = 2;
  record.releases = {sample_release(1, 8101), sample_release(2, 8103)};
  record.current = 2;
  record.previous = 1;
  record.previous_is_warm = true;
  record.traffic = traffic();
  record.bad = {sample_release(3, 1).digest};
  record.passed = {sample_release(1, 1).digest, sample_release(2, 1).digest};
  record.deployment = Deployment{.kind = DeploymentKind::rollback,
                                 .release = 2,
                                 .old_release = 1,
                                 .before = traffic(),
                                 .state = State::rolling_back,
                                 .reason = "said \"no\"\n",
                                 .since = base::TimePoint(std::chrono::microseconds(7)),
                                 .direction = Direction::back,
                                 .steps = every_step,
                                 .done = 4,
                                 .by = "ann"};
  return {at(1, Checkpoint{record}),
          at(2, Opened{DeploymentKind::deploy, sample_release(2, 8103), traffic(), "push by ann"}),
          at(3, Planned{Direction::cleaning, every_step}),
          at(4, Intent{11}),
          at(5, Outcome{11, false, "no luck"}),
          at(6, Entered{State::rolling_back, 2, "why", Blame::release, "what to do"}),
          at(7, ShutDown{})};
}

TEST(JournalJson, EveryEntrySurvivesTheWayThere_AndBack) {
  for (const Entry& entry : every_entry()) {
    const std::string text = to_json(entry);
    const auto read = entry_from_json(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->body.index(), entry.body.index());
    EXPECT_EQ(to_json(*read), text);
  }
}

TEST(JournalJson, ReadsAJournalThatDoesNotSayWhoAsked) {
  std::string text = to_json(at(2, Opened{DeploymentKind::deploy, sample_release(2, 8103), {}}));
  const auto by = text.find(R"(,"by":"")");
  ASSERT_NE(by, std::string::npos) << text;
  text.erase(by, std::string_view(R"(,"by":"")").size());
  const auto read = entry_from_json(text);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(std::get<Opened>(read->body).by, "");
}

TEST(JournalJson, IsWrittenAsDocumented) {
  EXPECT_EQ(
      to_json(at(9, Entered{State::shifting, 1})),
      R"({"state":"shifting","batch":1,"reason":"","blame":"nobody","hint":"","entry":"entered","at":9})");
  EXPECT_EQ(to_json(at(9, Planned{Direction::forward, {Install{2}}})),
            R"({"direction":"forward","steps":[{"release":2,"do":"install"}],)"
            R"("entry":"planned","at":9})");
}

TEST(JournalJson, IgnoresWhatItDoesNotKnowAndKeepsDefaultsForWhatIsMissing) {
  const auto read = entry_from_json(R"({"entry":"outcome","at":1,"step":3,"colour":"red"})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::get<Outcome>(read->body).ok);
  EXPECT_EQ(std::get<Outcome>(read->body).step, 3U);
}

TEST(JournalJson, RefusesWhatIsNoEntry) {
  for (const char* text :
       {"", "[]", "{}", "{\"at\":1}", R"({"entry":"outcome"})", R"({"entry":"nonsense","at":1})",
        R"({"entry":"outcome","at":"now"})", R"({"entry":"outcome","at":1,"step":-1})",
        R"({"entry":"entered","at":1,"state":"lost"})",
        R"({"entry":"planned","at":1,"steps":[{"do":"explode"}]})",
        R"({"entry":"opened","at":1,"release":{"fleet":[{"port":70000}]}})"}) {
    const auto read = entry_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
  }
}

TEST(SameDefinition, LooksAtWhatIsSaidAndNotAtWhereItStands) {
  const model::Environment one = sample_release(1, 8101).environment;
  model::Environment other = one;
  other.span = {.line = 9, .column = 1};
  EXPECT_TRUE(same_definition(one, other));
  other.health.rise = 7;
  EXPECT_FALSE(same_definition(one, other));
}

}  // namespace
}  // namespace pipeline::rollout
