// A server's directory is backed up while it works, restored elsewhere, and cleaned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/golden.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Team;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kShop = R"(name = "shop"
[[stage]]
name = "build"
run = ["mkdir out", "echo v1 > out/app", "echo this was said"]
outputs = ["out/"]
artifacts = [{ name = "shop", paths = ["out/**"] }]
[[stage]]
name = "go"
kind = "approval"
needs = ["build"]
[[stage]]
name = "ship"
needs = ["go"]
uses = ["shop"]
run = ["grep v1 $ARTIFACT_SHOP/out/app", "grep v1 out/app", "grep go pipeline.toml"]
)";

class Kept : public Team {
 protected:
  std::filesystem::path backup() const { return product_.root() / "team.backup"; }
  bool has_succeeded(const std::string& number) {
    const std::string runs = run({"runs", "--json"}).out;
    const auto line = runs.find("{\"run\":" + number + ",");
    if (line == std::string::npos) return false;
    return runs.substr(line, runs.find('\n', line) - line).find(R"("status":"succeeded")") !=
           std::string::npos;
  }
  void start_run_that_waits() {
    EXPECT_EQ(run({"run", "--repo", "shop", "--detach"}).exit_code, 0);
    EXPECT_TRUE(eventually([&] {
      return run_beside({"show", "1"}).out.find("pipeline approve 1 go") != std::string::npos;
    })) << run_beside({"show", "1"}).out;
  }
};

TEST_F(Kept, AServerThatIsBackedUpGoesOnElsewhere) {
  push(kShop);
  start_agent("a");
  start_run_that_waits();
  EXPECT_EQ(run({"token", "add", "ann", "--scope", "read"}).exit_code, 0);
  const auto backed_up =
      product_.run({"backup", backup().string(), "--data", server_home().string()});
  EXPECT_EQ(backed_up.exit_code, 0) << backed_up.err;
  EXPECT_TRUE(matches_golden("e2e/backup.txt",
                             product_
                                 .shell("printf %s '" + product_.normalised(backed_up.out) +
                                        "' | sed -E 's/[0-9.]+ [KM]iB/SIZE/; s/in [0-9]+ "
                                        "files/in N files/'")
                                 .out));
  EXPECT_EQ(product_.run({"restore", "--check", backup().string()}).exit_code, 0);
  const std::string runs = run({"runs", "--json"}).out;
  const std::string said = log("1", "build");

  // The machine is gone, with all that it had; the agent is not.
  kill_server();
  std::filesystem::rename(server_home(), product_.root() / "lost");
  serve_from("found");
  const auto restored =
      product_.run({"restore", backup().string(), "--data", server_home().string()});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  start_server();
  EXPECT_EQ(std::regex_replace(run({"runs", "--json"}).out, std::regex("/found/"), "/server/"),
            runs)
      << "but for the place";
  EXPECT_EQ(log("1", "build"), said);
  EXPECT_THAT(said, HasSubstr("this was said"));
  EXPECT_THAT(run({"token", "list"}).out, HasSubstr("ann"));
  EXPECT_THAT(run({"repo", "list"}).out, HasSubstr("shop"));
  const auto got = run_beside({"artifacts", "get", "1", "shop"});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_EQ(product_.shell("cat shop/out/app").out, "v1\n");
  EXPECT_EQ(product_
                .shell("git --git-dir " + (server_home() / "repositories/shop.git").string() +
                       " fsck --strict && git --git-dir " +
                       (server_home() / "repositories/shop.git").string() + " log --oneline")
                .exit_code,
            0);

  // What waited goes on, on an agent that has to ask the new server for the tree.
  const auto approved = run_beside({"approve", "1", "go"});
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_TRUE(eventually([&] { return has_succeeded("1"); }))
      << run_beside({"show", "1"}).out << run_beside({"logs", "1"}).out;
  // And it can be pushed to.
  push(std::string(kShop) + "# once more\n");
  EXPECT_EQ(run({"run", "--repo", "shop", "--detach"}).exit_code, 0);
}

// Beside a server on which a run waits.
TEST_F(Kept, AServerIsRidOfWhatNobodyNeeds) {
  push(
      "name = \"shop\"\n[[stage]]\nname = \"build\"\nrun = \"echo old > app\"\n"
      "artifacts = [{ name = \"shop\", paths = [\"app\"] }]\n");
  start_agent("a");
  EXPECT_EQ(run({"run", "--repo", "shop"}).exit_code, 0);
  push(kShop);
  EXPECT_EQ(run({"run", "--repo", "shop", "--detach"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    return run_beside({"show", "2"}).out.find("pipeline approve 2 go") != std::string::npos;
  }));
  const std::vector<std::string> gc = {"gc", "--keep-runs", "1", "--keep-days", "0", "--json"};
  EXPECT_EQ(run_beside(gc).out,
            "{\"dry_run\":false,\"runs\":[],\"artifacts\":0,\"outputs\":0,\"bytes\":0}\n");

  // As if all of it were of long ago.
  product_.shell("find " + server_home().string() + " -type f -exec touch -d '3 hours ago' {} +");
  product_.shell("python3 -c \"import sqlite3; d = sqlite3.connect('" +
                 (server_home() / "pipeline.db").string() +
                 "'); d.execute('update runs set finished_at = 1 where finished_at > 1'); "
                 "d.commit()\"");
  EXPECT_THAT(run_beside({"gc", "--dry-run", "--keep-runs", "1"}).out,
              HasSubstr(": 1 run, 1 artifact, outputs of 0 jobs\n"));
  EXPECT_THAT(run_beside(gc).out, HasSubstr("\"runs\":[1],\"artifacts\":1,\"outputs\":0,"));
  EXPECT_THAT(run({"runs", "--json"}).out, Not(HasSubstr("{\"run\":1,")));
  EXPECT_FALSE(std::filesystem::exists(server_home() / "runs" / "1"));

  EXPECT_EQ(run_beside({"approve", "2", "go"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return has_succeeded("2"); })) << run_beside({"logs", "2"}).out;
}

TEST_F(Kept, WhatIsNoStateDirectoryIsNotBackedUp) {
  const auto refused = product_.run({"backup", backup().string(), "--data", "nothing"});
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("no state directory"));
  EXPECT_FALSE(std::filesystem::exists(product_.repository() / "nothing"));
}

TEST_F(Kept, ABackupDoesNotFitOnAFullDisk) {
  const auto refused =
      product_.shell("ulimit -f 1; trap '' XFSZ; exec " + product_.program().string() + " backup " +
                     backup().string() + " --data " + server_home().string());
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("error: failed to back up"));
  EXPECT_THAT(refused.err, HasSubstr("hint: "));
  EXPECT_FALSE(std::filesystem::exists(backup()));
  EXPECT_FALSE(std::filesystem::exists(backup().string() + ".part"));
}

}  // namespace
}  // namespace pipeline::e2e
