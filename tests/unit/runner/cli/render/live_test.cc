#include "runner/cli/render/live.h"

#include "pipelines/base/text.h"
#include "tests/support/golden.h"
#include "tests/unit/runner/cli/render/fixture.h"
#include "tests/unit/runner/cli/render/screen.h"

namespace pipeline::render {
namespace {

using run::JobStatus;

std::string shown_on(ScreenSize size, const std::string& bytes) {
  Screen screen(size);
  screen.write(bytes);
  EXPECT_EQ(screen.cursor_column(), 0U) << "the shell's prompt would not start a line";
  return screen.text();
}

struct Shown {
  plan::Plan plan = shop_plan();
  RecordedOutput output;
  LiveReporter reporter{Board(12, plan), output, canned_log, Color::no};
  Story story{reporter, plan};
};

void tell_the_first_seconds(Shown& shown) {
  shown.story.tell(0, run::RunCreated{});
  shown.story.start(0, "build", "make");
  shown.story.start(0, "lint", "clang-tidy src/*.cpp");
  shown.reporter.on_tick(at(0.1));
  shown.story.end(1, "lint", JobStatus::failed, 1, "exit code 1");
  shown.reporter.on_tick(at(1.05));
}

TEST(LiveReporter, ShowsRunningJobsBelowFinishedOnes) {
  Shown shown;
  tell_the_first_seconds(shown);
  EXPECT_TRUE(
      support::matches_golden("render/live_running.txt", shown_on({}, shown.output.text())));
}

TEST(LiveReporter, EndsWithTheSummaryAndNothingOfTheLiveView) {
  Shown shown;
  tell_the_first_seconds(shown);
  shown.story.end(2, "build", JobStatus::succeeded, 0, "");
  shown.story.start(2, "unit", "ctest --output-on-failure");
  shown.reporter.on_tick(at(2.3));
  shown.story.end(2.4, "unit", JobStatus::failed, 8, "exit code 8");
  shown.story.tell(2.4, run::JobSkipped{"package", "unit failed"});
  shown.story.tell(2.4, run::JobSkipped{"staging", "package was skipped"});
  shown.story.tell(2.4, run::RunFinished{run::RunStatus::failed, "unit failed"});
  shown.reporter.finish(at(2.4));
  const std::string text = shown_on({}, shown.output.text());
  EXPECT_TRUE(support::matches_golden("render/live_failed.txt", text));
  for (const std::string& line : base::split(text, '\n')) EXPECT_LE(base::display_width(line), 80U);
}

TEST(LiveReporter, ShowsHowADeploymentGoesOn) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  for (const char* job : {"build", "lint", "unit", "package"}) {
    shown.story.reuse(0, job);
  }
  shown.story.tell(0, run::JobQueued{"staging", 1});
  shown.story.tell(0, run::JobLeased{"staging", 1, "local"});
  shown.story.tell(0, run::JobStarted{"staging", 1});
  shown.reporter.on_tick(at(0.1));
  shown.story.tell(
      3, run::DeploymentAdvanced{"staging", 1, "staging", "prepared", "1 of 2 instances healthy"});
  shown.reporter.on_tick(at(3.1));
  EXPECT_TRUE(
      support::matches_golden("render/live_deployment.txt", shown_on({}, shown.output.text())));
}

TEST(LiveReporter, ShowsWhatAJobWaitsFor) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  shown.story.tell(0, run::JobQueued{"lint", 1});
  shown.story.tell(0, run::JobLeased{"lint", 1, "local"});
  shown.story.tell(0.1, run::JobWaiting{"lint", 1, "waiting for service postgres"});
  shown.reporter.on_tick(at(0.2));
  EXPECT_TRUE(
      support::matches_golden("render/live_service.txt", shown_on({}, shown.output.text())));
  shown.story.tell(0.3, run::JobStarted{"lint", 1});
  shown.story.tell(0.3, run::CommandStarted{"lint", 1, 0, "clang-tidy"});
  shown.reporter.on_tick(at(0.4));
  EXPECT_EQ(shown_on({}, shown.output.text()).find("postgres"), std::string::npos);
}

TEST(LiveReporter, ShowsForWhichAgentAQueuedJobWaits) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  shown.story.tell(0, run::JobQueued{"lint", 1});
  shown.reporter.on_waiting("lint", "there is no agent with label gpu");
  shown.reporter.on_tick(at(3.1));
  EXPECT_TRUE(support::matches_golden("render/live_agent.txt", shown_on({}, shown.output.text())));
  shown.story.tell(4, run::JobLeased{"lint", 1, "b"});
  shown.reporter.on_tick(at(4.1));
  EXPECT_EQ(shown_on({}, shown.output.text()).find("gpu"), std::string::npos);
}

TEST(LiveReporter, CancelsBeforeTheUsersEyes) {
  Shown shown;
  tell_the_first_seconds(shown);
  shown.story.tell(3, run::RunCancelRequested{"interrupted"});
  shown.story.tell(3, run::JobStopRequested{"build", 1, JobStatus::cancelled, "interrupted"});
  shown.reporter.on_tick(at(3.1));
  EXPECT_TRUE(
      support::matches_golden("render/live_cancelling.txt", shown_on({}, shown.output.text())));
}

TEST(LiveReporter, FitsASmallScreen) {
  Shown shown;
  shown.output.resize({30, 5});
  shown.story.tell(0, run::RunCreated{});
  for (const char* job : {"build", "lint"}) shown.story.start(0, job, "make");
  shown.story.end(0, "build", JobStatus::succeeded, 0, "");
  for (const char* job : {"unit"}) shown.story.start(0, job, "make");
  shown.reporter.on_tick(at(0.1));
  shown.reporter.on_tick(at(0.2));
  const std::string text = shown_on({30, 5}, shown.output.text());
  EXPECT_TRUE(support::matches_golden("render/live_small.txt", text));
}

TEST(LiveReporter, PaintsOnlyOnTicks) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  shown.story.start(0, "build", "make");
  EXPECT_EQ(shown.output.text(), "");
}

TEST(LiveRegion, CountsTheRowsOfLinesThatANarrowerTerminalHasFolded) {
  LiveRegion region;
  region.paint({}, {std::string(60, 'x'), "y"}, {80, 24});
  // 60 columns fold to two rows of 40, and the second line adds one.
  EXPECT_TRUE(region.clear({40, 24}).starts_with("\r\x1b[3A"));
}

TEST(LiveRegion, DoesNotCountColoursAsWidth) {
  LiveRegion region;
  region.paint({}, {paint(std::string(30, 'x'), Tint::good, Color::yes)}, {80, 24});
  EXPECT_TRUE(region.clear({30, 24}).starts_with("\r\x1b[1A"));
}

TEST(LiveRegion, ErasesNothingItDidNotPaint) {
  LiveRegion region;
  EXPECT_EQ(region.clear({80, 24}), "");
}

}  // namespace
}  // namespace pipeline::render
