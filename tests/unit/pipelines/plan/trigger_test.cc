#include "pipelines/plan/trigger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/plan/run_values.h"
#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kTriggers = R"(
push         = ["main", "release/*"]
tag          = ["v*"]
pull_request = { branches = ["main"] }
paths        = ["src/**", "CMakeLists.txt"]
paths_ignore = ["**/*.md"]
schedule     = [{ name = "nightly", cron = "30 2 * * *", timezone = "Europe/Zurich" }]
pipeline     = [{ name = "build" }, { name = "lib", repository = "far", branches = ["main"] }]
)";

model::Pipeline with(const std::string& triggers) {
  return read_for_test("name = \"p\"\n[triggers]\n" + triggers +
                       "\n[[stage]]\nname = \"s\"\nrun = \"true\"\n");
}

std::string said(const TriggerEvent& event, const std::string& triggers = kTriggers) {
  const auto answer = would_start(with(triggers).triggers, event);
  EXPECT_TRUE(answer);
  return answer ? sentence(*answer) : "";
}

TEST(Trigger, APushByItsBranch) {
  EXPECT_EQ(said(Push{"release/2", {}}),
            "a push to branch release/2 would start a run: \"push\" has \"release/*\", and what "
            "changed is not known");
  EXPECT_EQ(said(Push{"topic", {}}),
            "a push to branch topic would start nothing: the branch is \"topic\", not \"main\" or "
            "\"release/*\"");
  EXPECT_EQ(said(Push{"main", {}}, ""),
            "a push to branch main would start nothing: its triggers have no \"push\"");
}

TEST(Trigger, APushByWhatItChanges) {
  EXPECT_EQ(said(Push{"main", Words{"docs/a.txt", "src/a.cc"}}),
            "a push to branch main would start a run: \"push\" has \"main\", and src/a.cc changed");
  EXPECT_EQ(said(Push{"main", Words{"docs/a.txt", "src/README.md"}}),
            "a push to branch main would start nothing: nothing changed that \"paths\" names: "
            "\"src/**\" or \"CMakeLists.txt\", less what \"paths_ignore\" names");
  const std::string ignoring = "push = ['main']\npaths_ignore = ['docs/**']";
  EXPECT_EQ(said(Push{"main", Words{"docs/a.txt"}}, ignoring),
            "a push to branch main would start nothing: nothing changed but what \"paths_ignore\" "
            "names: \"docs/**\"");
  EXPECT_EQ(said(Push{"main", Words{"docs/a.txt", "b"}}, ignoring),
            "a push to branch main would start a run: \"push\" has \"main\", and b changed");
}

TEST(Trigger, ATagWhateverChanged) {
  EXPECT_EQ(said(TagPush{"v1.2"}), "a push of tag v1.2 would start a run: \"tag\" has \"v*\"");
  EXPECT_EQ(said(TagPush{"nightly"}),
            "a push of tag nightly would start nothing: the tag is \"nightly\", not \"v*\"");
}

TEST(Trigger, APullRequestByWhereItGoes) {
  EXPECT_EQ(said(PullRequest{"main", Words{"src/a.cc"}}),
            "a pull request to branch main would start a run: \"pull_request\" has \"main\", and "
            "src/a.cc changed");
  EXPECT_EQ(said(PullRequest{"stable", {}}),
            "a pull request to branch stable would start nothing: the branch it goes to is "
            "\"stable\", not \"main\"");
  EXPECT_EQ(said(PullRequest{"feature/a/b", {}}, "pull_request = true"),
            "a pull request to branch feature/a/b would start a run: \"pull_request\" takes those "
            "to every branch");
  EXPECT_EQ(said(PullRequest{"main", {}}, "pull_request = false"),
            "a pull request to branch main would start nothing: its triggers have no "
            "\"pull_request\"");
}

TEST(Trigger, AScheduleByItsName) {
  EXPECT_EQ(said(Firing{"nightly"}),
            "schedule nightly would start a run: it fires at \"30 2 * * *\" in Europe/Zurich");
  EXPECT_EQ(said(Firing{"weekly"}),
            "schedule weekly would start nothing: its triggers have no schedule of that name");
}

TEST(Trigger, AnotherPipelineByItsNameItsRepositoryAndItsBranch) {
  EXPECT_EQ(said(PipelineSuccess{"build", "", "topic"}),
            "success of pipeline build would start a run: \"pipeline\" has \"build\"");
  EXPECT_EQ(said(PipelineSuccess{"build", "", ""}),
            "success of pipeline build would start a run: \"pipeline\" has \"build\"");
  EXPECT_EQ(said(PipelineSuccess{"lib", "far", "main"}),
            "success of pipeline lib of far would start a run: \"pipeline\" has \"lib\" on "
            "\"main\"");
  EXPECT_EQ(said(PipelineSuccess{"lib", "far", "topic"}),
            "success of pipeline lib of far would start nothing: it ran on \"topic\", not on "
            "\"main\"");
  for (const PipelineSuccess& other :
       {PipelineSuccess{"build", "far", "main"}, PipelineSuccess{"lib", "", "main"}})
    EXPECT_THAT(said(other), testing::EndsWith("its triggers do not name that pipeline"));
}

TEST(Trigger, WhoeverAsksForIt) {
  EXPECT_EQ(said(ByHand{}, ""), "a start by hand would start a run: whoever asks for it starts it");
}

TEST(Trigger, JobsAreToldOfAPushForATag) {
  EXPECT_EQ(event_of(TagPush{"v1"}), "push");
  EXPECT_EQ(event_of(PullRequest{"main", {}}), "pull_request");
  EXPECT_EQ(event_of(Firing{"nightly"}), "schedule");
  EXPECT_EQ(event_of(PipelineSuccess{"build", "", ""}), "pipeline");
  EXPECT_EQ(event_of(ByHand{}), "manual");
}

TEST(ConcurrencyGroup, IsFilledIn) {
  const auto pipeline = read_for_test(
      "name = \"p\"\nconcurrency = { group = 'deploy-{branch}-{event}-{param.channel}' }\n"
      "[params]\nchannel = { default = 'stable' }\n[[stage]]\nname = \"s\"\nrun = \"true\"\n");
  Facts facts;
  facts.branch = "main";
  facts.params = {{"channel", "nightly"}};
  EXPECT_EQ(concurrency_group(pipeline, facts), "deploy-main-manual-nightly");
  EXPECT_EQ(concurrency_group(with(""), facts), "");
}

}  // namespace
}  // namespace pipeline::plan
