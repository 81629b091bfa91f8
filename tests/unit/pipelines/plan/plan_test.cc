#include "pipelines/plan/plan.h"

#include <gtest/gtest.h>

#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

constexpr std::string_view kGraph = R"(
name = "p"
[params]
level = { type = "integer", default = 3 }
[[stage]]
name = "late"
needs = ["build", "tools"]
run = "true"
[[stage]]
name = "build"
needs = []
run = "true"
outputs = ["build"]
artifacts = [{ name = "app", paths = "dist/**" }]
[[stage]]
name = "tools"
run = "true"
outputs = ["tools"]
[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
needs = ["late?"]
run = "true"
uses = ["app"]
)";

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> result;
  for (const Job& job : plan.jobs) result.push_back(job.name);
  return result;
}

using Names = std::vector<std::string>;

TEST(Plan, PutsEveryJobBehindWhatItNeedsAndOtherwiseKeepsTheFilesOrder) {
  const Plan plan = plan_for_test(kGraph);
  EXPECT_EQ(names(plan), (Names{"build", "tools", "late", "acceptance"}));
  EXPECT_EQ(plan.jobs[1].needs.at(0).job, 0U);
  EXPECT_EQ(plan.jobs[2].stage, 0U);
  EXPECT_TRUE(plan.jobs[3].needs.at(0).optional);
  EXPECT_EQ(plan.find("late"), 2U);
  EXPECT_EQ(plan.find("nobody"), std::nullopt);
}

TEST(Plan, LaysOutputsOfTheClosureInFileOrderButNoneForAcceptance) {
  const Plan plan = plan_for_test(kGraph);
  EXPECT_EQ(plan.jobs[2].layers, (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(plan.jobs[3].layers.empty());
  EXPECT_EQ(plan.jobs[3].artifact_makers.at("app"), 0U);
}

TEST(Plan, TakesTheSelectedStagesAndAllThatTheyNeed) {
  const Plan plan = plan_for_test(kGraph, {}, {{"tools"}});
  EXPECT_EQ(names(plan), (Names{"build", "tools"}));
}

TEST(Plan, SuggestsTheStageThatWasMeant) {
  const auto plan = make_plan(read_for_test(kGraph), {}, {{"tool"}});
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(plan.error().to_string(), "pipeline p has no stage \"tool\"");
  EXPECT_EQ(plan.error().hint(), "did you mean \"tools\"?");
}

TEST(Plan, TellsCommandsWhatTheRunIsAbout) {
  Facts facts;
  facts.branch = "main";
  facts.commit = "abc";
  facts.params = {{"level", "7"}};
  const Plan plan = plan_for_test(kGraph, facts);
  const auto& env = plan.jobs[0].env;
  EXPECT_EQ(env.at("CI"), "true");
  EXPECT_EQ(env.at("PIPELINE_NAME"), "p");
  EXPECT_EQ(env.at("PIPELINE_STAGE"), "build");
  EXPECT_EQ(env.at("PIPELINE_EVENT"), "manual");
  EXPECT_EQ(env.at("GIT_BRANCH"), "main");
  EXPECT_EQ(env.at("GIT_COMMIT"), "abc");
  EXPECT_EQ(env.at("GIT_TAG"), "");
  EXPECT_EQ(env.at("PARAM_LEVEL"), "7");
}

TEST(Plan, IsTheSameWhenMadeAgainFromItsOwnFacts) {
  const Plan first = plan_for_test(kGraph);
  EXPECT_EQ(first.facts.params.at("level"), "3");
  const Plan second = plan_for_test(kGraph, first.facts);
  EXPECT_EQ(second.facts.params, first.facts.params);
  EXPECT_EQ(names(second), names(first));
}

// As wide and as deep as a generated pipeline gets: nothing recurses, nothing is dropped.
TEST(Plan, TakesThousandsOfStagesInARow) {
  constexpr std::size_t kStages = 5'000;
  std::string text = "name = \"big\"\n";
  for (std::size_t i = 0; i < kStages; ++i) {
    text +=
        "[[stage]]\nname = \"s" + std::to_string(i) + "\"\nrun = \"true\"\noutputs = [\"out/\"]\n";
  }
  const Plan plan = plan_for_test(text);
  ASSERT_EQ(plan.jobs.size(), kStages);
  EXPECT_EQ(plan.jobs.back().layers.size(), kStages - 1);
  EXPECT_EQ(plan.jobs.back().needs.at(0).job, kStages - 2);
}

constexpr std::string_view kMatrix = R"(
name = "p"
[[stage]]
name = "build"
run = "true"
outputs = ["build"]
artifacts = [{ name = "app-{matrix.os}", paths = "dist/**" }]
matrix = { os = ["bsd", "linux"] }
[[stage]]
name = "integration"
run = "true"
matrix = { os = ["bsd", "linux"], database = ["postgres", "sqlite"] }
when = { not = { matrix.os = "bsd", matrix.database = "sqlite" } }
[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
run = "true"
uses = ["app-linux"]
)";

TEST(Plan, MakesAJobOfEachCell) {
  const Plan plan = plan_for_test(kMatrix);
  EXPECT_EQ(names(plan),
            (Names{"build[os=bsd]", "build[os=linux]", "integration[os=bsd,database=postgres]",
                   "integration[os=bsd,database=sqlite]", "integration[os=linux,database=postgres]",
                   "integration[os=linux,database=sqlite]", "acceptance"}));
  EXPECT_EQ(plan.jobs[4].env.at("MATRIX_OS"), "linux");
  EXPECT_EQ(plan.jobs[4].env.at("MATRIX_DATABASE"), "postgres");
  EXPECT_EQ(plan.jobs[2].layers, (std::vector<std::size_t>{0, 1}));
}

TEST(Plan, NamesArtifactsByTheirCell) {
  const Plan plan = plan_for_test(kMatrix);
  const auto& work = std::get<model::CommandWork>(plan.stage_of(plan.jobs[1]).work);
  EXPECT_EQ(work.artifacts.at(0).name, "app-linux");
  EXPECT_EQ(plan.jobs[6].artifact_makers.at("app-linux"), 1U);
}

TEST(Plan, ACellThatItsOwnValuesExcludeDoesNotStandForItsStage) {
  const Plan plan = plan_for_test(kMatrix);
  EXPECT_EQ(plan.jobs[3].skip_reason, "it excludes database \"sqlite\" and os \"bsd\"");
  std::vector<std::size_t> needed;
  for (const JobNeed& need : plan.jobs[6].needs) needed.push_back(need.job);
  EXPECT_EQ(needed, (std::vector<std::size_t>{2, 4, 5}));
}

TEST(Plan, TakesOneCellWithAllThatItNeeds) {
  const Plan plan = plan_for_test(kMatrix, {}, {{"integration[os=bsd,database=postgres]"}});
  EXPECT_EQ(names(plan),
            (Names{"build[os=bsd]", "build[os=linux]", "integration[os=bsd,database=postgres]"}));
}

TEST(Plan, SuggestsTheCellThatWasMeant) {
  const auto plan = make_plan(read_for_test(kMatrix), {}, {{"build[os=linus]"}});
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().to_string(), "stage build has no job \"build[os=linus]\"");
  EXPECT_EQ(plan.error().hint(), "did you mean \"build[os=linux]\"?");
}

}  // namespace
}  // namespace pipeline::plan
