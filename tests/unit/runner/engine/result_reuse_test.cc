// Stages with `inputs`: an earlier success stands in for the job.
#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using support::make_test_plan;
using testing::ElementsAre;

plan::Plan cachable() {
  support::JobSketch build{"build"};
  build.work.inputs = {"src/**"};
  return make_test_plan({build, {"unit", {"build"}}});
}

class ResultReuse : public EngineTest {
 protected:
  void SetUp() override { workbench_.keys.emplace("build", digest(1)); }
  // A run whose build leaves a result behind.
  void run_once() {
    begin(cachable());
    report(run::JobFinished{
        "build", 1, JobStatus::succeeded, "", digest(7), {{"shop", digest(8), 9}}});
    finish("unit");
    link_ = {};
  }
};

TEST_F(ResultReuse, ASuccessIsUsedAgainWithItsOutputsAndArtifacts) {
  run_once();
  begin(cachable());
  EXPECT_EQ(status("build"), JobStatus::cached);
  EXPECT_EQ(job("build").reason, "same inputs as in run 1");
  EXPECT_EQ(job("build").outputs, digest(7));
  ASSERT_EQ(job("build").artifacts.size(), 1U);
  EXPECT_THAT(link_.started(), ElementsAre("unit"));
  EXPECT_THAT(std::get<protocol::CommandOrder>(link_.orders[0].work).layers,
              ElementsAre(digest(7)));
  finish("unit");
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
}

TEST_F(ResultReuse, WhatWasWarnedOfRunsAndWarnsAgain) {
  begin(cachable());
  run::JobFinished over{"build", 1, JobStatus::succeeded, "", digest(7), {{"shop", digest(8), 9}}};
  over.warnings = {"the artifact shop contains the secret TOKEN, in a"};
  report(over);
  finish("unit");
  link_ = {};
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build"));
}

TEST_F(ResultReuse, AnotherKeyRuns) {
  run_once();
  workbench_.keys.clear();
  workbench_.keys.emplace("build", digest(2));
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build"));
}

TEST_F(ResultReuse, NoCacheRunsButRemembers) {
  run_once();
  spec_.no_cache = true;
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build"));
  finish("build");
  spec_.no_cache = false;
  begin(cachable());
  EXPECT_EQ(job("build").reason, "same inputs as in run 2");
}

TEST_F(ResultReuse, WhatIsMadeWithoutASandboxIsNeitherKeptNorReplaced) {
  sandboxed_ = false;
  run_once();
  sandboxed_ = true;
  run_once();
  EXPECT_EQ(status("build"), JobStatus::succeeded) << "nothing was kept of the first run";
  sandboxed_ = false;
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build")) << "asked for on this machine, run on it";
}

TEST_F(ResultReuse, AnUntrustedRunsResultsAreItsOwnAndItHasNobodyElses) {
  spec_.facts.untrusted = true;
  run_once();
  spec_.facts.untrusted = false;
  run_once();
  EXPECT_EQ(status("build"), JobStatus::succeeded) << "nothing was kept of the first run";
  spec_.facts.untrusted = true;
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build"));
}

TEST_F(ResultReuse, AResultThatWasCleanedAwayIsNotUsed) {
  run_once();
  workbench_.gone.insert(1);
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("build"));
}

TEST_F(ResultReuse, OnlySuccessesAreRemembered) {
  begin(cachable());
  finish("build", JobStatus::failed);
  begin(cachable());
  EXPECT_EQ(status("build"), JobStatus::queued);
}

TEST_F(ResultReuse, AJobWithoutInputsAlwaysRuns) {
  workbench_.keys.emplace("unit", digest(3));
  run_once();
  begin(cachable());
  EXPECT_THAT(link_.started(), ElementsAre("unit"));
}

}  // namespace
}  // namespace pipeline::engine
