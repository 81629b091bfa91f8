// A team's server with real agents: a push, a run, its artifact; and whatever dies meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/golden.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::processes_mentioning;
using support::Team;
using testing::HasSubstr;

constexpr const char* kShop = R"(name = "shop"
[[stage]]
name = "build"
run = ["mkdir out", "echo v1 > out/app", "ln -s app out/link"]
outputs = ["out/"]
[[stage]]
name = "unit"
needs = ["build"]
run = "grep v1 out/link"
[[stage]]
name = "package"
needs = ["unit"]
run = "rm out/link"
outputs = ["out/"]
artifacts = [{ name = "shop", paths = ["out/**"] }]
[[stage]]
name = "accept"
needs = ["package"]
uses = ["shop"]
run = ["grep v1 $ARTIFACT_SHOP/out/app", "! test -e out/link"]
)";

// A job that says what it does while it takes its time: until the test lets it end, by a file of
// the host that its sandbox may read.
std::string slow(const std::filesystem::path& door) {
  return "name = \"slow\"\n[[stage]]\nname = \"wait\"\nrun = '''\necho begun\n"
         "while ! test -e " +
         (door / "open").string() +
         "; do sleep 0.05; done\necho over\n'''\nsandbox = { readable = [\"" + door.string() +
         "\"] }\n";
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Team, APushIsBuiltByAgentsAndShownAsIfItWereHere) {
  push(kShop);
  start_agent("a", {"--slots", "1"});
  start_agent("b", {"--slots", "1"});
  const auto ran = run({"run", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(matches_golden("e2e/team_run.txt", product_.normalised(ran.out)));
  EXPECT_THAT(run({"runs"}).out, testing::ContainsRegex("1 +shop +.*succeeded"));
  EXPECT_THAT(run({"agents"}).out, HasSubstr("ready"));
  // What the server has is what a run here would have left.
  product_.env()["PIPELINE_HOME"] = server_home().string();
  EXPECT_EQ(product_.run({"artifacts", "get", "1", "shop"}).exit_code, 0);
  EXPECT_EQ(product_.shell("cat shop/out/app").out, "v1\n");
  product_.env()["PIPELINE_HOME"] = product_.home().string();
  EXPECT_TRUE(eventually([&] {
    return std::filesystem::is_empty(agent_home("a") / "attempts") &&
           std::filesystem::is_empty(agent_home("b") / "attempts");
  }));
}

TEST_F(Team, OutputsGoFromOneAgentToAnother) {
  push(kShop);
  start_agent("a", {"--slots", "1", "--once"});
  auto followed = start({"run", "--repo", "shop"});
  // The first job is a's, and its last: all others are somebody else's.
  ASSERT_TRUE(comes("1", "build", "") && eventually([&] {
                return followed.out().find("build: succeeded") != std::string::npos;
              }));
  start_agent("b");
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

TEST_F(Team, AJobGoesToAnAgentThatHasItsLabels) {
  push(
      "name = \"shop\"\n[[stage]]\nname = \"train\"\nrun = \"echo trained\"\n"
      "agent = { labels = [\"gpu\", \"linux\"] }\n");
  start_agent("a", {"--labels", "linux"});
  ASSERT_TRUE(eventually([&] { return run({"agents"}).out.find("linux") != std::string::npos; }));
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(eventually([&] { return run({"runs"}).out.find("running") != std::string::npos; }));
  start_agent("b", {"--labels", "gpu,linux"});
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("train: started"));
  EXPECT_EQ(log("1", "train"), "trained\n");
  product_.env()["PIPELINE_HOME"] = server_home().string();
  EXPECT_THAT(product_.run({"show", "1", "--json"}).out, HasSubstr("\"worker\":\"b\""));
}

TEST_F(Team, ASchedulesNextFiringIsShown) {
  EXPECT_THAT(run({"schedules"}).out, HasSubstr("no schedules"));
  push(
      "name = \"shop\"\n[triggers]\nschedule = [{ name = \"nightly\", cron = \"30 2 1 1 *\", "
      "timezone = \"Europe/Zurich\" }]\n[[stage]]\nname = \"build\"\nrun = \"true\"\n");
  ASSERT_TRUE(
      eventually([&] { return run({"schedules"}).out.find("nightly") != std::string::npos; }));
  EXPECT_THAT(run({"schedules"}).out, HasSubstr("-01-01 02:30 CET"));
  EXPECT_THAT(run({"schedules", "--json"}).out, HasSubstr("\"repository\":\"shop\""));
}

// How far its schedules have come is not forgotten with it.
TEST_F(Team, ARepositoryThatIsAwayForAWhileKeepsItsSchedules) {
  product_.write("pipeline.toml",
                 "name = \"far\"\n[triggers]\nschedule = [{ name = \"yearly\", cron = \"@yearly\" "
                 "}]\n[[stage]]\nname = \"build\"\nrun = \"true\"\n");
  product_.commit();
  const std::string far = (product_.root() / "far.git").string();
  product_.git({"clone", "--quiet", "--bare", ".", far});
  ASSERT_EQ(run({"repo", "add", "far", "--url", far}).exit_code, 0);
  ASSERT_TRUE(
      eventually([&] { return run({"schedules"}).out.find("yearly") != std::string::npos; }));
  std::filesystem::rename(far, far + ".away");
  stop_server();
  start_server();
  EXPECT_TRUE(
      eventually([&] { return server_said().find("schedules of far: ") != std::string::npos; }));
  const std::string known =
      product_
          .shell("python3 -c \"import sqlite3; print(sqlite3.connect('" +
                 (server_home() / "pipeline.db").string() +
                 "').execute('select count(*) from firings').fetchone()[0])\"")
          .out;
  EXPECT_EQ(known, "1\n");
}

TEST_F(Team, APushStartsWhatItsTriggersSay) {
  start_agent("a");
  const std::string stage = "[[stage]]\nname = \"build\"\nrun = \"echo built\"\n";
  product_.write("pipelines/docs.toml",
                 "name = \"docs\"\n[triggers]\npush = [\"main\"]\n"
                 "paths = [\"docs/**\"]\n" +
                     stage);
  product_.write("pipelines/release.toml",
                 "name = \"release\"\n[triggers]\ntag = [\"v*\"]\n" + stage);
  push("name = \"shop\"\n[triggers]\npush = [\"main\"]\n" + stage);
  // When git says that the push is done, its runs are there. Of a new branch nobody knows what has
  // changed, so all that may be meant begin.
  const auto runs_of = [&](const std::string& pipeline) {
    return count_of(run({"runs", "--pipeline", pipeline, "--json"}).out, "\n");
  };
  EXPECT_TRUE(eventually([&] {
    return count_of(run({"runs", "--status", "succeeded", "--json"}).out, "\n") == 2U;
  })) << run({"runs"}).out;
  EXPECT_EQ(runs_of("shop"), 1U);
  EXPECT_EQ(runs_of("docs"), 1U);
  EXPECT_EQ(runs_of("release"), 0U);
  product_.write("README.md", "changed");
  push("name = \"shop\"\n[triggers]\npush = [\"main\"]\n" + stage);
  EXPECT_EQ(runs_of("shop"), 2U);
  EXPECT_EQ(runs_of("docs"), 1U) << "no document was changed";
  // A server that was started again knows what it has seen.
  kill_server();
  start_server();
  EXPECT_EQ(runs_of("shop"), 2U);
}

TEST_F(Team, AFailureIsToldWithItsLastLines) {
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"echo expected 1, got 2; exit 3\"\n");
  start_agent("a");
  const auto ran = run({"run", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(matches_golden("e2e/team_failure.txt", normalised(ran.out)));
}

TEST_F(Team, AServerThatIsKilledLosesNothing) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push(slow(door));
  start_agent("a");
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(comes("1", "wait", "begun"));
  kill_server();
  // It ends while there is no server.
  product_.write(door / "open", "");
  start_server();
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(log("1", "wait"), "begun\nover\n");
}

TEST_F(Team, AnAgentThatIsKilledGoesOnWithItsJob) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push(slow(door));
  start_agent("a");
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(comes("1", "wait", "begun"));
  kill_agent("a");
  start_agent("a");
  product_.write(door / "open", "");
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(log("1", "wait"), "begun\nover\n");
  EXPECT_EQ(count_of(ran.out, "wait: started"), 1U) << ran.out;
}

TEST_F(Team, AnAgentHasOneProcessReadyForItsNextJobAndShowsWhatForItBecame) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  const auto of_agent = [&](const std::string& word) {
    return processes_mentioning(agent_home("a").string(), word);
  };
  push(slow(door));
  start_agent("a");
  ASSERT_TRUE(eventually([&] { return of_agent("__standby").size() == 1; }));
  const auto ready = of_agent("__standby");
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(comes("1", "wait", "begun"));
  EXPECT_EQ(of_agent("__job"), ready);
  EXPECT_TRUE(eventually([&] { return of_agent("__standby").size() == 1; }));
  kill_agent("a");
  EXPECT_TRUE(eventually([&] { return of_agent("__standby").empty(); }));
  EXPECT_EQ(of_agent("__job"), ready);
  start_agent("a");
  product_.write(door / "open", "");
  EXPECT_EQ(followed.wait().exit_code, 0);
  EXPECT_EQ(stop_agent("a").exit_code, 0);
  EXPECT_TRUE(of_agent("__standby").empty());
}

TEST_F(Team, AnAgentWhoseReadyProcessIsKilledStartsAnother) {
  push(kShop);
  start_agent("a");
  const auto standbys = [&] { return processes_mentioning(agent_home("a").string(), "__standby"); };
  ASSERT_TRUE(eventually([&] { return standbys().size() == 1; }));
  EXPECT_EQ(::kill(standbys().front(), SIGKILL), 0);
  const auto ran = run({"run", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

TEST_F(Team, StoppingBothForAMomentStopsNoJob) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push(slow(door));
  start_agent("a");
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(comes("1", "wait", "begun"));
  EXPECT_EQ(stop_agent("a").exit_code, 0);
  const auto stopped = stop_server();
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("1 run goes on with the next start"));
  // One that has taken the run up is stopped as well as one that began it.
  start_server();
  const auto again = stop_server();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("1 run goes on with the next start"));
  product_.write(door / "open", "");
  start_server();
  start_agent("a");
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(log("1", "wait"), "begun\nover\n");
}

TEST_F(Team, ARunIsCancelledFromAnywhere) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push(slow(door));
  start_agent("a");
  auto followed = start({"run", "--repo", "shop"});
  ASSERT_TRUE(comes("1", "wait", "begun"));
  EXPECT_EQ(without_server(run({"cancel", "last"}).out),
            "asked run 1 to stop; pipeline show 1 tells when it has\n");
  const auto ran = followed.wait();
  EXPECT_EQ(ran.exit_code, 130) << ran.out << ran.err;
  EXPECT_EQ(without_server(run({"cancel", "1"}).err),
            "error: run 1 is not under way\nhint: pipeline show 1 tells how it ended\n");
  // An agent that stops leaves its jobs; its process that stands by has a helper, too.
  EXPECT_EQ(stop_agent("a").exit_code, 0);
  EXPECT_TRUE(eventually([&] { return product_.helpers().empty(); }));
}

TEST_F(Team, WhatIsWrongIsSaidWithTheNextStep) {
  push(kShop);
  EXPECT_THAT(run({"run", "--repo", "blog"}).err, HasSubstr("pipeline repo add blog"));
  EXPECT_EQ(run({"run", "--repo", "shop", "--ref", "nope"}).exit_code, 2);
  EXPECT_EQ(run({"repo", "add", "shop"}).exit_code, 3);
  EXPECT_EQ(run({"repo", "add", "../x"}).exit_code, 2);
  EXPECT_THAT(run({"repo", "remove", "shop"}).err, HasSubstr("is not empty"));
  EXPECT_THAT(run({"token", "add", "eve", "--scope", "root"}).err, HasSubstr("there are read"));
  product_.env()["PIPELINE_TOKEN"] = "guess";
  EXPECT_THAT(run({"runs"}).err, HasSubstr("this token is not valid"));
  product_.env().erase("PIPELINE_TOKEN");
  EXPECT_THAT(run({"runs"}).err, HasSubstr("--token-file FILE"));
  const auto twice = product_.run({"serve", "--data", server_home().string()});
  EXPECT_EQ(twice.exit_code, 3);
  EXPECT_THAT(twice.err, HasSubstr("another server does"));
}

TEST_F(Team, ATokenIsShownOnceAndCanBeRevoked) {
  const auto made = run({"token", "add", "ann", "--scope", "read"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string admin = product_.env()["PIPELINE_TOKEN"];
  product_.env()["PIPELINE_TOKEN"] = made.out;
  EXPECT_EQ(run({"runs"}).exit_code, 0);
  EXPECT_THAT(run({"token", "list"}).err, HasSubstr("has not the scope admin"));
  product_.env()["PIPELINE_TOKEN"] = admin;
  EXPECT_THAT(run({"token", "list"}).out, testing::Not(HasSubstr(made.out)));
  EXPECT_EQ(run({"token", "remove", "ann"}).exit_code, 0);
  product_.env()["PIPELINE_TOKEN"] = made.out;
  EXPECT_THAT(run({"runs"}).err, HasSubstr("this token is not valid"));
  EXPECT_EQ(
      product_.shell("grep -rl '" + made.out.substr(0, 30) + "' " + server_home().string()).out,
      "");
}

}  // namespace
}  // namespace pipeline::e2e
