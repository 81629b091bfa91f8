// pipeline run --detach, attach and cancel, as long as nobody is killed.
#include "tests/e2e/cli/detach_fixture.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;

TEST_F(Detach, LeavesAtOnceAndIsFollowedToItsEnd) {
  write_pipeline({{"build", "echo built"}, {"unit", wait_for("unit") + "; echo tested"}});
  const Ran ran = product.run({"run", "--detach"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/detach.txt", ran.out + ran.err));
  ASSERT_TRUE(eventually([&] { return started("unit") == 1; }));
  EXPECT_THAT(product.run({"runs"}).out, HasSubstr("detached"));
  EXPECT_THAT(product.run({"show", "1"}).out,
              HasSubstr("it is detached: pipeline attach 1 follows it"));
  auto attached = product.start({"attach", "1"});
  ASSERT_TRUE(eventually([&] {
    return attached.out().find("build: succeeded") != std::string::npos;
  })) << attached.out();
  open("unit");
  const Ran followed = attached.wait();
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_TRUE(matches_golden("e2e/attach.txt", product.normalised(followed.out)));
  // What drove it gives up the run before it ends itself.
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
  EXPECT_EQ(log_of("build"), "built\n");
  EXPECT_EQ(log_of("unit"), "tested\n");
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0) << "of a run that is over: how it ended";
}

TEST_F(Detach, ARetryLeavesTheTerminalToo) {
  write_pipeline(
      {{"unit", "test -e " + (gates / "again").string() + "; echo again; " + wait_for("unit")}});
  EXPECT_EQ(product.run({"run"}).exit_code, 1);
  open("again");
  const Ran ran = product.run({"retry", "1", "--detach"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "run 1 goes on without this terminal\n"
            "pipeline attach 1 follows it to its end, pipeline cancel 1 stops it\n");
  ASSERT_TRUE(has_printed("unit", "again"));
  kill_coordinator();
  open("unit");
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
  EXPECT_EQ(started("unit"), 2U);
  const Ran nothing = product.run({"retry", "1", "--detach"});
  EXPECT_EQ(nothing.exit_code, 2) << "mistakes are told before it leaves";
  EXPECT_THAT(nothing.err, HasSubstr("there is nothing to retry"));
}

TEST_F(Detach, MistakesAreToldBeforeItLeaves) {
  write_pipeline({{"build", "true"}});
  const Ran ran = product.run({"run", "--detach", "nothing-of-that-name"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("error: "));
  EXPECT_EQ(product.run({"run", "--detach", "--no-wait"}).exit_code, 2);
  EXPECT_THAT(product.run({"runs"}).out, HasSubstr("no runs"));
}

TEST_F(Detach, TheExitCodeIsTheRuns) {
  write_pipeline({{"unit", "echo no; exit 7"}});
  EXPECT_EQ(product.run({"run", "--detach", "--json"}).out, "{\"run\":1}\n");
  const Ran followed = product.run({"attach", "last"});
  EXPECT_EQ(followed.exit_code, 1);
  EXPECT_THAT(followed.out, HasSubstr("exited with 7"));
  const Ran again = product.run({"attach", "last", "--json"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.out, product.run({"show", "last", "--json"}).out);
}

TEST_F(Detach, CtrlCLeavesItGoing) {
  write_pipeline({{"unit", wait_for("unit")}});
  ASSERT_EQ(product.run({"run", "-d"}).exit_code, 0);
  auto attached = product.start({"attach", "1"});
  ASSERT_TRUE(eventually([&] { return attached.out().find("run 1") != std::string::npos; }));
  attached.signal(SIGINT);
  const Ran left = attached.wait();
  EXPECT_EQ(left.exit_code, 130);
  EXPECT_TRUE(matches_golden("e2e/attach_left.txt", left.err));
  open("unit");
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
}

TEST_F(Detach, ACancelLeavesNothing) {
  write_pipeline({{"unit", "echo begun; " + product.unique_sleep()}});
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "begun"));
  EXPECT_EQ(product.run({"cancel", "1"}).exit_code, 0);
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 130);
  // What drove it gives up the run before it ends itself.
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); }));
  EXPECT_THAT(product.run({"runs"}).out, HasSubstr("cancelled"));
}

TEST_F(Detach, SecretsAreInMemoryOnly) {
  const std::string value = "tr0ub4dor-and-3";
  product.env()["TOKEN"] = value;
  write_pipeline({{"unit", "echo \"$TOKEN has ${#TOKEN}\"; : " + value + "; " + wait_for("unit")}},
                 "secrets = [\"TOKEN\"]\n");
  EXPECT_EQ(product.run({"run", "--detach"}).exit_code, 2) << "it was not given";
  ASSERT_EQ(product.run({"run", "--detach", "--secret-from-env", "TOKEN"}).exit_code, 0);
  ASSERT_TRUE(has_printed("unit", "*** has 15"));
  product.env().erase("TOKEN");
  // The pipeline's own text, which is kept with the run, holds the value in this test.
  const Ran found = product.shell("grep -rl " + value + " " + product.home().string() +
                                  "/runs; for p in $(pgrep -f __job); do tr '\\0' '\\n' "
                                  "< /proc/$p/environ | grep " +
                                  value + "; done; true");
  EXPECT_EQ(found.out, "");
  open("unit");
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
}

TEST_F(Detach, ARunInTheForegroundCannotBeAttachedToOnceItIsDead) {
  write_pipeline({{"unit", "echo begun; " + product.unique_sleep()}});
  auto running = product.start({"run"});
  ASSERT_TRUE(has_printed("unit", "begun"));
  running.signal(SIGKILL);
  running.wait();
  EXPECT_TRUE(eventually([&] { return product.is_quiet(); })) << "it takes its jobs along";
  const Ran attached = product.run({"attach", "1"});
  EXPECT_EQ(attached.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/attach_not_detached.txt", attached.out + attached.err));
  EXPECT_EQ(product.run({"attach", "9"}).exit_code, 2);
}

TEST_F(Detach, APersonDecidesFromAnywhere) {
  write_pipeline({{"build", "true"}});
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"go\"\nkind = \"approval\"\n"
                "[[stage]]\nname = \"ship\"\nrun = \"echo shipped\"\n");
  ASSERT_EQ(product.run({"run", "--detach"}).exit_code, 0);
  const auto waits = [&] { return events("job-waiting") > 0; };
  ASSERT_TRUE(eventually(waits));
  kill_coordinator();
  const Ran approved = product.run({"approve", "1", "go"});
  EXPECT_THAT(approved.out, HasSubstr("pipeline attach 1 goes on with it"));
  EXPECT_EQ(product.run({"attach", "1"}).exit_code, 0);
  EXPECT_EQ(log_of("ship"), "shipped\n");
  EXPECT_EQ(ended("go"), 1U);
}

}  // namespace
}  // namespace pipeline::e2e
