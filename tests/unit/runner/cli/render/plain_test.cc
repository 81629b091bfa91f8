#include "runner/cli/render/plain.h"

#include "tests/support/golden.h"
#include "tests/unit/runner/cli/render/fixture.h"

namespace pipeline::render {
namespace {

using run::JobStatus;

struct Shown {
  plan::Plan plan = shop_plan();
  RecordedOutput output;
  PlainReporter reporter{Board(12, plan), output, canned_log, Color::no};
  Story story{reporter, plan};
};

TEST(PlainReporter, TellsASuccessfulRunLineByLine) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  story.start(0, "build", "cmake -S . -B build\ncmake --build build");
  story.reuse(0, "lint");
  story.end(12.3, "build", JobStatus::succeeded, 0, "");
  story.start(12.3, "unit", "ctest");
  story.end(12.7, "unit", JobStatus::succeeded, 0, "");
  story.start(12.7, "package", "scripts/package.sh dist");
  story.end(14, "package", JobStatus::succeeded, 0, "");
  story.tell(14, run::JobQueued{"staging", 1});
  story.tell(14, run::JobLeased{"staging", 1, "local"});
  story.tell(14, run::JobStarted{"staging", 1});
  story.tell(15,
             run::DeploymentAdvanced{"staging", 1, "staging", "prepared", "2 instances healthy"});
  story.tell(16, run::DeploymentAdvanced{"staging", 1, "staging", "promoted", "release 7 serves"});
  story.tell(16, run::JobFinishing{"staging", 1});
  story.tell(16, run::JobFinished{"staging", 1, JobStatus::succeeded, "", {}, {}, {}});
  story.tell(16, run::RunFinished{run::RunStatus::succeeded, ""});
  shown.reporter.finish(at(16));
  EXPECT_TRUE(support::matches_golden("render/plain_succeeded.txt", shown.output.text()));
}

TEST(PlainReporter, TellsWarningsAtTheEnd) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  story.start(0, "build", "make");
  story.tell(1, run::CommandFinished{"build", 1, 0, 0});
  story.tell(1, run::JobFinishing{"build", 1});
  run::JobFinished finished{"build", 1, JobStatus::succeeded, "", {}, {}, {}};
  finished.artifacts.push_back({"shop", digest_of(0xab), 1'234'567});
  finished.warnings = {"the artifact shop contains the secret NPM_TOKEN, in dist/app.js",
                       "escape \x1b[31m\nof two lines"};
  story.tell(1, finished);
  for (const char* job : {"lint", "unit", "package", "staging"}) {
    story.tell(1, run::JobSkipped{job, "not today"});
  }
  story.tell(1, run::RunFinished{run::RunStatus::succeeded, ""});
  shown.reporter.finish(at(1));
  EXPECT_TRUE(support::matches_golden("render/plain_warned.txt", shown.output.text()));
}

TEST(PlainReporter, TellsAFailureWithItsCommandItsLastLinesAndTheNextStep) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  story.start(0, "build", "make");
  story.start(0, "lint", "clang-tidy src/*.cpp");
  story.end(1, "lint", JobStatus::failed, 1, "exit code 1");
  story.end(2, "build", JobStatus::succeeded, 0, "");
  story.start(2, "unit", "ctest --output-on-failure");
  story.end(2.4, "unit", JobStatus::failed, 8, "exit code 8");
  story.tell(2.4, run::JobSkipped{"package", "unit failed"});
  story.tell(2.4, run::JobSkipped{"staging", "package was skipped"});
  story.tell(2.4, run::RunFinished{run::RunStatus::failed, "unit failed"});
  shown.reporter.finish(at(2.4));
  EXPECT_TRUE(support::matches_golden("render/plain_failed.txt", shown.output.text()));
}

TEST(PlainReporter, TellsFailingTestsBeforeTheLog) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  for (const std::string job : {"build", "lint"}) {
    story.start(0, job, "ctest");
    run::JobFinished finished;
    finished.job = job;
    finished.status = job == "build" ? JobStatus::succeeded : JobStatus::failed;
    if (job == "lint") finished.reason = "command 1 exited with 8";
    finished.tests = report::TestSummary{
        {41, 25, 0, 1, 1, 0},
        {{"Cart.Total", "t/cart_test.cc:41", "expected 3\x1b[31m, got 4", false},
         {"Cart.Known", "", "", true}},
        report::Coverage{832, 1000}};
    story.tell(1, finished);
  }
  story.tell(2, run::RunCancelRequested{"enough"});
  shown.reporter.finish(at(2));
  EXPECT_TRUE(support::matches_golden("render/plain_tests.txt", shown.output.text()));
}

TEST(PlainReporter, TellsALongReasonOnceAndItsHintOnALineOfItsOwn) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  story.start(0, "build", "make");
  story.end(1, "build", JobStatus::errored, 0,
            "failed to set up the sandbox: failed to make namespaces: Operation not permitted by "
            "the rules of this machine, which somebody has set and which hold for all who are on it"
            "\nhint: pipeline doctor says what to change");
  for (const char* job : {"unit", "package", "staging"}) {
    story.tell(1, run::JobSkipped{job, "build errored"});
  }
  story.tell(1, run::JobSkipped{"lint", "build errored"});
  story.tell(1, run::RunFinished{run::RunStatus::errored, "build errored"});
  shown.reporter.finish(at(1));
  EXPECT_TRUE(support::matches_golden("render/plain_errored.txt", shown.output.text()));
}

TEST(PlainReporter, TellsACancelledRun) {
  Shown shown;
  Story& story = shown.story;
  story.tell(0, run::RunCreated{});
  story.start(0, "build", "sleep 1000");
  story.tell(3, run::RunCancelRequested{"interrupted"});
  story.tell(3, run::JobSkipped{"lint", "the run was cancelled"});
  story.tell(3, run::JobStopRequested{"build", 1, JobStatus::cancelled, "interrupted"});
  story.tell(3.2, run::CommandFinished{"build", 1, 0, 143});
  story.tell(3.2, run::JobFinished{"build", 1, JobStatus::cancelled, "interrupted", {}, {}, {}});
  for (const char* job : {"unit", "package", "staging"}) {
    story.tell(3.2, run::JobSkipped{job, "the run was cancelled"});
  }
  story.tell(3.2, run::RunFinished{run::RunStatus::cancelled, "interrupted"});
  shown.reporter.finish(at(3.2));
  EXPECT_TRUE(support::matches_golden("render/plain_cancelled.txt", shown.output.text()));
}

TEST(PlainReporter, SaysForWhichAgentAQueuedJobWaits) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  shown.story.tell(0, run::JobQueued{"build", 1});
  shown.reporter.on_waiting("build", "there is no agent with label gpu");
  // By the time it is told, the job may have one.
  shown.story.tell(1, run::JobLeased{"build", 1, "b"});
  shown.reporter.on_waiting("build", "there is no agent");
  EXPECT_TRUE(shown.output.text().ends_with("\nbuild: there is no agent with label gpu\n"))
      << shown.output.text();
}

TEST(PlainReporter, NeverPassesEscapeSequencesOfTheUserOn) {
  Shown shown;
  shown.story.tell(0, run::RunCreated{});
  shown.story.start(0, "build", "printf '\x1b[2J'");
  EXPECT_EQ(shown.output.text().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace pipeline::render
