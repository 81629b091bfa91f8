// pipeline run and what looks at a run afterwards.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

constexpr const char* kShop = R"(name = "shop"

[[stage]]
name    = "build"
run     = ["echo compiling", "mkdir out && echo program > out/shop"]
outputs = ["out/"]

[[stage]]
name = "unit"
run  = "test -f out/shop && echo 3 tests passed"

[[stage]]
name      = "package"
needs     = ["unit"]
run       = "mkdir dist && cp out/shop dist/"
artifacts = [{ name = "shop", paths = ["dist/**"] }]

[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
uses = ["shop"]
run  = "test ! -e out && grep -q program \"$ARTIFACT_SHOP/dist/shop\""
)";

constexpr const char* kFailing = R"(name = "demo"

[[stage]]
name = "build"
run  = "true"

[[stage]]
name = "unit"
run  = ["echo one", "echo two; exit 3"]

[[stage]]
name = "package"
run  = "true"

[[stage]]
name  = "lint"
needs = []
run   = "echo untidy >&2; exit 1"
allow_failure = true
)";

std::string file(const std::string& name, const std::string& command) {
  return "name = \"demo\"\n[[stage]]\nname = \"" + name + "\"\nrun = '''" + command + "'''\n";
}

TEST(Run, TakesTheWorkingTreeAsItStands) {
  Product product;
  product.write("pipeline.toml", kShop);
  product.commit();
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/run_shop.txt", product.normalised(ran.out)));
  EXPECT_EQ(ran.err, "");

  product.write(".gitignore", "ignored\n");
  product.write("ignored", "");
  product.write("untracked", "");
  product.write("pipeline.toml", file("look", "ls -A; test -e untracked; test ! -e ignored"));
  const auto dirty = product.run({"run"});
  EXPECT_EQ(dirty.exit_code, 0) << dirty.out;
  EXPECT_NE(dirty.out.find("with uncommitted changes"), std::string::npos);
  EXPECT_EQ(product.git({"status", "--porcelain"}),
            " M pipeline.toml\n?? .gitignore\n?? untracked\n");
}

TEST(Run, TellsAFailureAndSkipsWhatNeedsIt) {
  Product product;
  product.write("pipeline.toml", kFailing);
  product.commit();
  const auto ran = product.run({"run", "--jobs", "1"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(matches_golden("e2e/run_failed.txt", product.normalised(ran.out)));
  const auto shown = product.run({"show", "1"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_TRUE(matches_golden("e2e/show_failed.txt", product.normalised(shown.out)));
}

TEST(Run, TellsWhatAStageAsksForAndIsNotThere) {
  Product product;
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name    = "work"
workdir = "absent"
run     = "true"
[[stage]]
name    = "read"
needs   = []
run     = "true"
sandbox = { readable = ["/nonexistent/data"] }
)");
  product.commit();
  const auto ran = product.run({"run", "--jobs", "1"});
  EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
  EXPECT_TRUE(matches_golden("e2e/run_not_there.txt", product.normalised(ran.out)));
  const auto bare = product.run({"run", "--sandbox=none", "--stage", "work"});
  EXPECT_EQ(bare.exit_code, 1) << bare.out << bare.err;
}

TEST(Run, PrintsEventsAsJson) {
  Product product;
  product.write("pipeline.toml", file("only", "true"));
  product.commit();
  const auto ran = product.run({"run", "--json"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.starts_with("{\"seq\":1,"));
  EXPECT_NE(ran.out.find("\"event\":\"job-finished\""), std::string::npos);
  // What was shown is what is kept.
  EXPECT_EQ(product.run({"show", "last", "--json"}).out, ran.out);
}

TEST(Run, WorksInAnEmptyRepositoryAndOnADetachedHead) {
  Product product;
  product.write("pipeline.toml", file("only", "true"));
  const auto empty = product.run({"run"});
  EXPECT_EQ(empty.exit_code, 0) << empty.err;
  EXPECT_TRUE(empty.out.starts_with("run 1: demo, main, no commit yet\n")) << empty.out;
  product.commit();
  product.git({"checkout", "-q", "--detach"});
  const auto detached = product.run({"run"});
  EXPECT_EQ(detached.exit_code, 0) << detached.err;
  EXPECT_TRUE(product.normalised(detached.out).starts_with("run 2: demo, detached at COMMIT\n"))
      << detached.out;
}

TEST(Run, TakesARefAndARepositoryByPath) {
  Product product;
  product.write("pipeline.toml", file("old", "true"));
  product.commit();
  product.git({"tag", "v1"});
  product.write("pipeline.toml", file("new", "true"));
  product.commit();
  const auto by_ref = product.run({"run", "--ref", "v1"});
  EXPECT_EQ(by_ref.exit_code, 0) << by_ref.err;
  EXPECT_NE(by_ref.out.find("old: succeeded"), std::string::npos) << by_ref.out;
  const auto by_path =
      product.run_in(product.root(), {"run", "--repo", product.repository().string()});
  EXPECT_EQ(by_path.exit_code, 0) << by_path.err;
  EXPECT_NE(by_path.out.find("new: succeeded"), std::string::npos) << by_path.out;
}

TEST(Run, TakesOnlyTheStagesThatWereNamedAndWhatTheyNeed) {
  Product product;
  product.write("pipeline.toml", kShop);
  product.commit();
  const auto ran = product.run({"run", "--stage", "unit"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("package"), std::string::npos) << ran.out;
}

TEST(Run, GivesParametersAndSecretsToCommands) {
  Product product;
  product.write("pipeline.toml", R"(name = "demo"
[params]
channel = { type = "string", choices = ["stable", "nightly"], default = "stable" }
[[stage]]
name = "say"
run  = "echo channel $PARAM_CHANNEL"
)");
  product.commit();
  ASSERT_EQ(product.run({"run", "--param", "channel=nightly"}).exit_code, 0);
  EXPECT_EQ(product.run({"logs", "last", "say"}).out, "channel nightly\n");
  const auto wrong = product.run({"run", "--param", "chanel=nightly"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/unknown_param.txt", wrong.err));
}

TEST(Run, CancelsOnAnInterruptAndLeavesNoProcess) {
  Product product;
  const std::string sleep = product.unique_sleep();
  product.write("pipeline.toml", file("long", "echo begun; " + sleep + " & setsid " + sleep));
  product.commit();
  auto running = product.start({"run"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "1", "long"}).out.find("begun") == 0;
  }));
  running.signal(SIGINT);
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 130);
  EXPECT_TRUE(matches_golden("e2e/run_cancelled.txt", product.normalised(ran.out)));
  EXPECT_TRUE(product.is_quiet());
}

TEST(Cancel, StopsARunFromAnotherTerminal) {
  Product product;
  product.write("pipeline.toml", file("long", "echo begun; sleep 1000"));
  product.commit();
  auto running = product.start({"run"});
  ASSERT_TRUE(eventually([&] {
    return product.run({"logs", "1", "long"}).out.find("begun") == 0;
  }));
  const auto asked = product.run({"cancel", "1"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_EQ(running.wait().exit_code, 130);
  const auto again = product.run({"cancel", "1"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(again.err, "error: run 1 is not under way\nhint: pipeline show 1 tells how it ended\n");
}

TEST(Retry, RunsOnlyWhatDidNotSucceed) {
  Product product;
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "build"
run = "mkdir out; date +%N > out/built"
outputs = ["out/"]
[[stage]]
name = "unit"
run = "cat out/built; test \"$PIPELINE_ATTEMPT\" = 2"
)");
  product.commit();
  ASSERT_EQ(product.run({"run"}).exit_code, 1);
  const auto retried = product.run({"retry", "1", "--failed"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_TRUE(matches_golden("e2e/retry.txt", product.normalised(retried.out)));
  // The same outputs, not made again.
  EXPECT_EQ(product.run({"logs", "1", "unit", "--attempt", "1"}).out,
            product.run({"logs", "1", "unit", "--attempt", "2"}).out);
  const auto nothing = product.run({"retry", "1"});
  EXPECT_EQ(nothing.exit_code, 2);
}

TEST(Run, SaysWhichSubmodulesAreEmpty) {
  Product product;
  Product other;
  other.write("x", "1");
  other.commit();
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"look\"\n"
                "run = \"test -d third/party && test ! -e third/party/x\"\n");
  product.git({"-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
               other.repository().string(), "third/party"});
  product.commit();
  for (const auto& arguments : {std::vector<std::string>{"run"}, {"run", "--ref", "main"}}) {
    const auto ran = product.run(arguments);
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_TRUE(matches_golden("e2e/run_submodules.txt", product.normalised(ran.err)));
  }
}

// A run's files are read from the repository again when a job is retried.
TEST(Retry, SaysThatTheRepositoryIsGone) {
  Product product;
  product.write("pipeline.toml", file("unit", "false"));
  product.commit();
  ASSERT_EQ(product.run({"run"}).exit_code, 1);
  std::filesystem::rename(product.repository() / ".git", product.root() / "gone");
  std::filesystem::remove_all(product.home() / "trees");
  const auto retried = product.run_in(product.root(), {"retry", "1"});
  EXPECT_NE(retried.exit_code, 0);
  // What comes before is cut to the terminal's width, and so depends on where this test lives.
  const auto cause = retried.out.find("\nunit errored: ");
  ASSERT_NE(cause, std::string::npos) << retried.out << retried.err;
  EXPECT_TRUE(
      matches_golden("e2e/retry_gone.txt", product.normalised(retried.out.substr(cause + 1))));
}

// Each holds its job until both jobs run.
TEST(Run, TwoAtOnceDoNotDisturbEachOther) {
  Product product;
  const std::filesystem::path door = product.root() / "door";
  std::filesystem::create_directory(door);
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "make"
run = "echo $PIPELINE_RUN > mine; echo begun; until test -e )" +
                                     door.string() +
                                     R"(/open; do sleep 0.01; done; mkdir out; mv mine out/"
outputs = ["out/"]
sandbox = { readable = [")" + door.string() +
                                     R"("] }
[[stage]]
name = "use"
run = "test $(cat out/mine) = $PIPELINE_RUN; cat out/mine"
)");
  product.commit();
  auto first = product.start({"run"});
  auto second = product.start({"run"});
  for (const char* run : {"1", "2"}) {
    ASSERT_TRUE(eventually([&] { return product.run({"logs", run, "make"}).out == "begun\n"; }));
  }
  std::ofstream(door / "open") << "";
  const auto one = first.wait();
  const auto two = second.wait();
  EXPECT_EQ(one.exit_code, 0) << one.err << one.out;
  EXPECT_EQ(two.exit_code, 0) << two.err << two.out;
  EXPECT_EQ(product.run({"logs", "1", "use"}).out, "1\n");
  EXPECT_EQ(product.run({"logs", "2", "use"}).out, "2\n");
}

TEST(Logs, AreTheJobsOutputByteByByte) {
  Product product;
  product.write("pipeline.toml", file("talk", R"(printf 'a\nb\n\033[31mred\033[0m\nend')"));
  product.commit();
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  EXPECT_EQ(product.run({"logs", "1", "talk"}).out, "a\nb\n\x1b[31mred\x1b[0m\nend");
  EXPECT_EQ(product.run({"logs", "1", "talk", "--tail", "2"}).out, "\x1b[31mred\x1b[0m\nend");
  EXPECT_EQ(product.run({"logs", "1", "talk", "--follow"}).out, "a\nb\n\x1b[31mred\x1b[0m\nend");
  EXPECT_TRUE(product.run({"logs", "1", "talk", "-t", "-n", "1"}).out.ends_with("Z end\n"));
  const auto wrong = product.run({"logs", "1", "tlak"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.err, "error: this run has no job \"tlak\"\nhint: did you mean \"talk\"?\n");
}

TEST(Artifacts, AreListedAndUnpacked) {
  Product product;
  product.write("pipeline.toml", kShop);
  product.commit();
  ASSERT_EQ(product.run({"run"}).exit_code, 0);
  const auto listed = product.run({"artifacts", "1"});
  EXPECT_TRUE(product.normalised(listed.out).find("shop@DIGEST") != std::string::npos);
  const auto got = product.run({"artifacts", "get", "1", "shop"});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_TRUE(std::filesystem::exists(product.repository() / "shop/dist/shop"));
  const auto wrong = product.run({"artifacts", "get", "1", "shp"});
  EXPECT_EQ(wrong.err, "error: run 1 made no artifact \"shp\"\nhint: it made: shop\n");
}

// Labels choose among the agents of a server; without one there is this machine.
TEST(Run, LabelsOfAgentsAreShownAndRunHere) {
  Product product;
  product.write("pipeline.toml",
                "name = \"p\"\n[[stage]]\nname = \"train\"\nrun = \"true\"\n"
                "agent = { labels = [\"gpu\", \"linux\"] }\n");
  EXPECT_NE(product.run({"plan"}).out.find("agents with gpu, linux"), std::string::npos);
  EXPECT_EQ(product.run({"run"}).exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
