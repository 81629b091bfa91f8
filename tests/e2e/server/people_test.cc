// What people do with the runs of a server: they look at them as if they were here, decide, and try
// again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "tests/support/golden.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Team;
using testing::HasSubstr;

// Everything that a run can leave: services, tests, artifacts, several jobs, a failure.
constexpr const char* kEverything = R"toml(name = "shop"
[[stage]]
name = "build"
run = ["echo compiling", "mkdir out", "echo v1 > out/app"]
outputs = ["out/"]
artifacts = [{ name = "shop", paths = ["out/**"] }]
[[stage]]
name = "unit"
needs = ["build"]
matrix = { os = ["a", "b"] }
run = '''
echo "one of $MATRIX_OS"
echo "two of $MATRIX_OS"
cat > junit.xml <<END
<testsuite name="cart"><testcase classname="Cart" name="adds" time="0.01"/>
<testcase classname="Cart" name="removes" file="cart.cc" line="7"><failure message="1 is not 2"/></testcase></testsuite>
END
printf 'no end'
exit 1
'''
reports = { junit = ["junit.xml"] }
[[stage.service]]
name = "db"
run = "echo the database of $MATRIX_OS; touch up; exec sleep 600"
ready = { command = "test -e up" }
[[stage]]
name = "lint"
needs = []
run = "echo clean"
[[stage.service]]
name = "files"
run = "echo serving; touch up; exec sleep 600"
ready = { command = "test -e up" }
)toml";

// Columns are as wide as what stands in them, which are times among others.
std::string unaligned(const std::string& text) {
  const std::string timeless = std::regex_replace(text, std::regex("\\b[0-9]+m[0-9]+s\\b"), "TIME");
  return std::regex_replace(timeless, std::regex("(\\S) {2,}"), "$1  ");
}

std::string gated(const std::string& approvers) {
  return "name = \"shop\"\n[[stage]]\nname = \"go\"\nkind = \"approval\"\n"
         "prompt = \"release it?\"\n" +
         approvers + "[[stage]]\nname = \"release\"\nneeds = [\"go\"]\nrun = \"echo released\"\n";
}

// A door of the host that a stage may look at, until the test opens it.
std::string sees(const std::filesystem::path& door) {
  return "\nsandbox = { readable = [\"" + door.string() + "\"] }\n";
}

TEST_F(Team, WhatIsShownFromAfarIsWhatIsShownHere) {
  push(kEverything);
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 1);
  const std::vector<std::vector<std::string>> commands = {
      {"show", "1"},
      {"show", "1", "--json"},
      {"runs", "--all"},
      {"runs", "--all", "--json"},
      {"runs", "--all", "--branch", "main", "--status", "failed"},
      {"runs", "--all", "--pipeline", "blog"},
      {"logs", "1"},
      {"logs", "1", "build"},
      {"logs", "1", "unit[os=a]"},
      {"logs", "1", "unit[os=a]", "--timestamps"},
      {"logs", "1", "--timestamps", "--tail", "1"},
      {"logs", "1", "--grep", "TWO", "-i", "-C", "1"},
      {"logs", "1", "--grep", "of", "--tail", "1"},
      {"logs", "1", "--grep", "nowhere"},
      {"logs", "1", "--follow"},
      {"logs", "1", "--service", "db"},
      {"logs", "1", "lint", "--service", "files", "--tail", "1"},
      {"logs", "1", "lint", "--service", "file"},
      {"logs", "1", "lint", "--attempt", "1"},
      {"logs", "1", "lint", "--attempt", "2"},
      {"logs", "1", "lnit"},
      {"tests", "1"},
      {"tests", "1", "--json"},
      {"tests", "1", "--failed"},
      {"tests", "1", "--flaky"},
      {"tests", "1", "--history", "*removes"},
      {"tests", "1", "--history", "*removes", "--json"},
      {"tests", "1", "--history", "nothing"},
      {"artifacts", "1"},
      {"artifacts", "1", "--json"},
      {"artifacts", "get", "1", "blog"},
      {"show", "7"},
      {"logs", "7"},
      {"tests", "7"},
      {"artifacts", "7"},
  };
  for (const auto& command : commands) {
    const auto here = run_beside(command);
    const auto afar = run(command);
    const std::string what = testing::PrintToString(command);
    EXPECT_EQ(unaligned(product_.normalised(without_server(afar.out))),
              unaligned(product_.normalised(here.out)))
        << what;
    EXPECT_EQ(product_.normalised(without_server(afar.err)), product_.normalised(here.err)) << what;
    EXPECT_EQ(afar.exit_code, here.exit_code) << what;
    EXPECT_FALSE((here.out + here.err).empty()) << what;
  }
  EXPECT_TRUE(
      matches_golden("e2e/team_show.txt", unaligned(normalised(run({"show", "last"}).out))));
  EXPECT_TRUE(matches_golden("e2e/team_runs.txt", unaligned(normalised(run({"runs"}).out))));
}

TEST_F(Team, HintsNameTheCommandThatWorks) {
  push("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"echo wrong; exit 3\"\n");
  start_agent("a");
  run({"run", "--repo", "shop", "--detach"});
  EXPECT_EQ(run({"attach", "last"}).exit_code, 1);
  EXPECT_THAT(run({"show", "1"}).out, HasSubstr("pipeline logs --server " + url() + " 1 unit"));
  // Whoever always calls the same server needs not name it.
  product_.env()["PIPELINE_SERVER"] = url();
  EXPECT_THAT(product_.run({"show", "1"}).out, HasSubstr("all of it: pipeline logs 1 unit\n"));
  EXPECT_EQ(product_.run({"logs", "1", "unit"}).out, "wrong\n");
  EXPECT_THAT(product_.run({"show", "--local", "last"}).err, HasSubstr("there are no runs yet"));
  // What runs here all the same is told apart.
  const auto here = product_.run({"run"});
  EXPECT_EQ(here.exit_code, 1);
  EXPECT_THAT(here.out, HasSubstr("all of it: pipeline logs --local 1 unit\n"));
  EXPECT_EQ(product_.run({"logs", "--local", "1", "unit"}).out, "wrong\n");
  EXPECT_EQ(product_.run({"show", "--local", "1", "--server", url()}).exit_code, 2);
}

TEST_F(Team, AnArtifactIsFetchedAndHeldAgainstItsDigest) {
  push(kEverything);
  start_agent("a");
  run({"run", "--repo", "shop", "--stage", "build"});
  const auto got = run({"artifacts", "get", "1", "shop", "--to", "shop-v1"});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_EQ(product_.shell("cat shop-v1/out/app; ls -A | grep download").out, "v1\n");
  EXPECT_EQ(run({"artifacts", "get", "1", "shop", "--to", "shop-v1"}).exit_code, 2);
  product_.shell("for f in '" + server_home().string() +
                 "'/artifacts/*.tar.zst; do echo x >> $f; done");
  const auto damaged = run({"artifacts", "get", "1", "shop"});
  EXPECT_EQ(damaged.exit_code, 3) << damaged.out;
  EXPECT_THAT(damaged.err, HasSubstr("these bytes are not the artifact"));
  EXPECT_EQ(product_.shell("ls -A | grep -e download -e '^shop$'").out, "");
}

TEST_F(Team, ALogIsFollowedToItsEnd) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push("name = \"slow\"\n[[stage]]\nname = \"wait\"\nrun = '''\necho begun\nwhile ! test -e " +
       (door / "open").string() + "; do sleep 0.05; done\necho over\n'''" + sees(door) +
       "[[stage]]\nname = \"after\"\nrun = \"echo done\"\nneeds = [\"wait\"]\n");
  start_agent("a");
  run({"run", "--repo", "shop", "--detach"});
  auto one = start({"logs", "1", "wait", "--follow"});
  auto all = start({"logs", "1", "--follow"});
  auto attached = start({"attach", "1"});
  auto left = start({"attach", "1"});
  const auto says = [](support::Running& program, const std::string& text) {
    return eventually([&] { return program.out().find(text) != std::string::npos; });
  };
  EXPECT_TRUE(says(one, "begun\n"));
  EXPECT_TRUE(says(all, "wait | begun\n"));
  EXPECT_TRUE(says(attached, "wait: started"));
  EXPECT_TRUE(says(left, "wait: started"));
  left.signal(SIGINT);
  const auto gone = left.wait();
  EXPECT_EQ(gone.exit_code, 130);
  EXPECT_EQ(without_server(gone.err),
            "\nrun 1 goes on; pipeline attach 1 comes back to it, pipeline cancel 1 stops it\n");
  product_.write(door / "open", "");
  EXPECT_EQ(one.wait().out, "begun\nover\n");
  EXPECT_EQ(all.wait().out, "wait | begun\nwait | over\nafter | done\n");
  const auto seen = attached.wait();
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_THAT(seen.out, HasSubstr("run 1 succeeded in"));
}

TEST_F(Team, ApprovalsAreGivenByName) {
  push(gated("approvers = [\"ann\", \"group:ops\"]\n"));
  start_agent("a");
  run({"run", "--repo", "shop", "--detach"});
  EXPECT_TRUE(eventually([&] {
    return run({"show", "1"}).out.find("pipeline approve") != std::string::npos;
  }));
  EXPECT_TRUE(matches_golden("e2e/team_waiting.txt", normalised(run({"show", "1"}).out)));
  EXPECT_EQ(product_.normalised(without_server(run({"show", "1"}).out)),
            product_.normalised(run_beside({"show", "1"}).out));
  const auto refused = run({"approve", "1", "go"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_TRUE(matches_golden("e2e/team_approve_refused.txt", refused.err));
  {
    const As bob(*this, "bob", "run");
    EXPECT_THAT(run({"approve", "1", "go"}).err, HasSubstr("has not the scope approve"));
  }
  {
    const As ann(*this, "ann", "approve");
    EXPECT_THAT(run({"approve", "1", "release"}).err, HasSubstr("release is no approval"));
    EXPECT_THAT(run({"approve", "1", "gone"}).err, HasSubstr("waiting for approval: go"));
    const auto approved = run({"approve", "1", "go", "-m", "looks good"});
    EXPECT_TRUE(matches_golden("e2e/team_approve.txt", normalised(approved.out))) << approved.err;
    EXPECT_THAT(run({"retry", "1"}).err, HasSubstr("has not the scope run"));
  }
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_THAT(run({"show", "1", "--json"}).out, HasSubstr("approved by ann: looks good"));
  EXPECT_THAT(run({"reject", "1", "go"}).err, HasSubstr("go is over: succeeded"));
}

TEST_F(Team, ARejectionEndsTheRun) {
  push(gated(""));
  start_agent("a");
  run({"run", "--repo", "shop", "--detach"});
  EXPECT_TRUE(eventually([&] { return run({"reject", "1", "go"}).exit_code == 0; }));
  const auto ran = run({"attach", "1"});
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("rejected by admin"));
}

TEST_F(Team, WhatFailedIsTriedAgain) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  push(
      "name = \"shop\"\n[[stage]]\nname = \"build\"\nrun = \"echo built\"\n"
      "[[stage]]\nname = \"unit\"\nneeds = [\"build\"]\nrun = \"test -e " +
      (door / "open").string() + "\"" + sees(door) +
      "[[stage]]\nname = \"go\"\nkind = \"approval\"\nneeds = [\"unit\"]\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 1);
  EXPECT_EQ(run({"retry", "1"}).exit_code, 1) << "it is followed to its end";
  product_.write(door / "open", "");
  auto retried = start({"retry", "1", "--failed"});
  EXPECT_TRUE(eventually([&] { return run({"approve", "1", "go"}).exit_code == 0; }));
  const auto ran = retried.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/team_retry.txt", normalised(ran.out)));
  EXPECT_THAT(run({"retry", "1"}).err, HasSubstr("nothing"));
  const auto again = run({"retry", "1", "--stage", "unit", "--detach"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(matches_golden("e2e/team_retry_detached.txt", normalised(again.out)));
  const auto twice = run({"retry", "1"});
  EXPECT_EQ(twice.exit_code, 3) << twice.out;
  EXPECT_THAT(twice.err, HasSubstr("run 1 is under way"));
  EXPECT_TRUE(eventually([&] { return run({"approve", "1", "go"}).exit_code == 0; }));
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_EQ(run({"retry", "1", "--env-file", "x"}).exit_code, 2);
  EXPECT_THAT(run({"run", "--repo", "shop", "--no-wait"}).err, HasSubstr("--detach"));
}

}  // namespace
}  // namespace pipeline::e2e
