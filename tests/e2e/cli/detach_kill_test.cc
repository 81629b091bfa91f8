// kill -9 of what drives a detached run, at any moment: its jobs go on, and whoever attaches goes
// on with the run: no line is lost, nothing that ended runs again.
#include <random>
#include <thread>

#include "tests/e2e/cli/detach_fixture.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;

TEST_F(Detach, AJobIsNotInterruptedByTheDeathOfWhatDrivesIt) {
  write_pipeline(
      {{"count", "i=1; while test $i -le 100; do echo $i; i=$((i+1)); done; " + wait_for("half") +
                     "; while test $i -le 200; do echo $i; i=$((i+1)); done; " + wait_for("rest") +
                     "; while test $i -le 300; do echo $i; i=$((i+1)); done"},
       {"after", "echo after"}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("count", "\n100\n"));
  kill_coordinator();
  EXPECT_TRUE(matches_golden("e2e/detached_undriven.txt",
                             product.normalised(product.run({"show", "1"}).out)));
  EXPECT_THAT(product.run({"runs"}).out, HasSubstr("pipeline attach 1 goes on with it"));
  open("half");
  ASSERT_TRUE(has_printed("count", "\n200\n")) << "it goes on though nobody drives the run";
  auto attached = product.start({"attach", "1"});
  ASSERT_TRUE(eventually([&] { return attached.out().find("run 1") != std::string::npos; }));
  open("rest");
  const Ran followed = attached.wait();
  EXPECT_EQ(followed.exit_code, 0) << followed.out << followed.err;
  EXPECT_EQ(log_of("count"), numbers(1, 300));
  EXPECT_EQ(log_of("after"), "after\n");
  EXPECT_EQ(started("count"), 1U);
  EXPECT_EQ(ended("count"), 1U);
  EXPECT_EQ(events("run-retried"), 0U);
}

TEST_F(Detach, WhatEndedWhileNobodyDroveIsTakenOver) {
  write_pipeline({{"one", "echo begun; " + wait_for("one") + "; echo over"}, {"two", "echo two"}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("one", "begun"));
  kill_coordinator();
  open("one");
  ASSERT_TRUE(eventually([&] { return product.is_quiet(); }))
      << "a job that is over leaves nothing";
  EXPECT_EQ(ended("one"), 0U) << "the run does not know of it yet";
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
  EXPECT_EQ(log_of("one"), "begun\nover\n");
  EXPECT_EQ(started("one"), 1U);
  EXPECT_EQ(ended("one"), 1U);
  EXPECT_EQ(log_of("two"), "two\n");
}

TEST_F(Detach, WhoFailsToDriveItEndsNothing) {
  write_pipeline({{"one", "echo begun; " + wait_for("one") + "; echo over"}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("one", "begun"));
  kill_coordinator();
  const std::filesystem::path log = product.home() / "runs/1/coordinator.log";
  std::filesystem::remove(log);
  std::filesystem::create_directory(log);  // which nobody can write to
  const Ran failed = product.run({"attach", "1"});
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("coordinator.log"));
  std::filesystem::remove(log);
  open("one");
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
  EXPECT_EQ(log_of("one"), "begun\nover\n");
  EXPECT_EQ(started("one"), 1U);
}

TEST_F(Detach, AJobThatDiedWithItIsOver) {
  write_pipeline({{"unit", "echo begun; " + product.unique_sleep()}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  // As when the machine goes down.
  ASSERT_TRUE(eventually([&] {
    for (const int pid : product.processes()) ::kill(pid, SIGKILL);
    return product.is_quiet();
  }));
  const Ran attached = product.run({"attach", "1"});
  EXPECT_EQ(attached.exit_code, 3);
  EXPECT_THAT(attached.out, HasSubstr("interrupted: the process that ran the job died"));
  EXPECT_EQ(product.run({"show", "1"}).out.find("succeeded"), std::string::npos);
}

TEST_F(Detach, ASupervisorThatDiesAloneEndsItsJob) {
  write_pipeline({{"unit", "echo begun; " + product.unique_sleep()}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  for (const int pid : support::processes_mentioning("__job")) {
    const auto ours = product.processes();
    if (std::ranges::find(ours, pid) != ours.end()) ::kill(pid, SIGKILL);
  }
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 3);
}

// It is driven by the process that drives its parent, and dies with it.
TEST_F(Detach, AChildRunIsInterruptedAndNotBegunASecondTime) {
  product.write("pipelines/ci.toml",
                "name = \"ci\"\n[[stage]]\nname = \"package\"\nkind = \"pipeline\"\n"
                "pipeline = \"package\"\n");
  product.write("pipelines/package.toml",
                "name = \"package\"\n[[stage]]\nname = \"pack\"\nrun = '''echo begun; " +
                    product.unique_sleep() + "'''\n");
  product.commit();
  ASSERT_EQ(product.run({"run", "ci", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("pack", "begun", 2));
  kill_coordinator();
  const Ran followed = product.run({"attach", "1"});
  EXPECT_EQ(followed.exit_code, 3) << followed.out << followed.err;
  EXPECT_THAT(followed.out, HasSubstr("interrupted"));
  EXPECT_EQ(product.run({"show", "3"}).exit_code, 2) << "there is no third run";
}

// Run 1 had its turn: taken over, it neither waits for run 2, which is newer, nor ends it.
TEST_F(Detach, TakenOverItDoesNotQueueBehindNewerRunsOfItsGroup) {
  product.write("pipeline.toml",
                "name = \"demo\"\n[concurrency]\ngroup = \"g\"\nsuperseded = \"cancel-running\"\n"
                "[defaults]\nsandbox = { readable = [\"" +
                    gates.string() + "\"] }\n[[stage]]\nname = \"unit\"\nrun = '''echo begun; " +
                    wait_for("unit") + "'''\n");
  product.commit();
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  kill_coordinator();
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun", 2));
  const int before = coordinator(1);
  auto attached = product.start({"attach", "1"});
  ASSERT_TRUE(eventually([&] { return coordinator(1) != before; }));
  open("unit");
  EXPECT_EQ(attached.wait().exit_code, 0);
  EXPECT_EQ(product.run({"attach", "2"}).exit_code, 0);
}

TEST_F(Detach, ACancelEndsWhatNobodyDrives) {
  write_pipeline({{"unit", "echo begun; " + product.unique_sleep()}, {"after", "true"}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  kill_coordinator();
  EXPECT_FALSE(product.is_quiet());
  const Ran cancelled = product.run({"cancel", "1"});
  EXPECT_EQ(cancelled.exit_code, 0) << cancelled.err;
  EXPECT_TRUE(matches_golden("e2e/cancel_undriven.txt", cancelled.out));
  EXPECT_TRUE(product.is_quiet());
  EXPECT_THAT(product.run({"runs"}).out, HasSubstr("cancelled"));
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 130);
}

TEST_F(Detach, ARetryEndsWhatNobodyDrivesAndBeginsAgain) {
  write_pipeline({{"unit", "echo begun $PIPELINE_ATTEMPT; test $PIPELINE_ATTEMPT = 2 || " +
                               product.unique_sleep()}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  kill_coordinator();
  const Ran retried = product.run({"retry", "1"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_TRUE(product.is_quiet());
  EXPECT_EQ(log_of("unit"), "begun 2\n");
}

TEST_F(Detach, ItsLockOutlivesWhatDrivesIt) {
  write_pipeline({{"migrate", "echo begun; " + wait_for("migrate") + "; echo over"}},
                 "lock = \"db\"\n");
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("migrate", "begun"));
  kill_coordinator();
  auto second = product.start({"run"});
  ASSERT_TRUE(eventually([&] {
    return second.out().find("waiting for lock db, held by run 1") != std::string::npos;
  })) << second.out();
  open("migrate");
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
}

TEST_F(Detach, AtAnyMomentNothingIsLostAndNothingRunsTwice) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string count = "i=1; while test $i -le 50; do echo $i; i=$((i+1)); done";
  write_pipeline({{"a", count}, {"b", count}, {"c", count}, {"d", count}});
  for (int run = 1; run <= 6; ++run) {
    ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
    // The moment itself is what is random here; nothing waits for it.
    for (int death = 0; death < 3; ++death) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
      const int driver = coordinator(run);
      const auto alive = product.processes();
      if (std::ranges::find(alive, driver) != alive.end()) ::kill(driver, SIGKILL);
      auto attached = product.start({"attach", std::to_string(run)});
      if (death == 2) {
        const Ran followed = attached.wait();
        // The driver that is followed may have been the last one to be killed.
        const int code = followed.exit_code == 3
                             ? product.run({"attach", std::to_string(run)}).exit_code
                             : followed.exit_code;
        EXPECT_EQ(code, 0) << followed.out << followed.err;
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 50'000));
        attached.signal(SIGINT);
        attached.wait();
      }
    }
    for (const char* job : {"a", "b", "c", "d"}) {
      EXPECT_EQ(log_of(job, run), numbers(1, 50)) << job;
      EXPECT_EQ(ended(job, run), 1U) << job;
      EXPECT_EQ(started(job, run), 1U) << job;
    }
    EXPECT_EQ(events(R"("attempt":2)", run), 0U);
    EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
  }
}

}  // namespace
}  // namespace pipeline::e2e
