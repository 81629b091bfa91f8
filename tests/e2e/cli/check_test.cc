// pipeline check, schema, graph, init: what needs no run.
#include <gtest/gtest.h>

#include <filesystem>

#include "stages/host/file.h"
#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

constexpr const char* kTwoStages = R"(name = "demo"

[[stage]]
name = "build"
run  = "true"

[[stage]]
name = "unit"
run  = "true"
)";

TEST(Check, AcceptsAValidFile) {
  Product product;
  product.write("pipeline.toml", kTwoStages);
  const auto ran = product.run({"check"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "pipeline.toml: ok, 2 stages\n");
  EXPECT_EQ(ran.err, "");
}

TEST(Check, TellsEveryProblemWithItsPlace) {
  Product product;
  product.write("pipeline.toml", R"(name = "demo"
[[stage]]
name = "build"
rnu  = "true"
[[stage]]
name  = "unit"
run   = "true"
needs = ["biuld"]
timeout = 5
)");
  const auto ran = product.run({"check"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/check_problems.txt", ran.out));
  const auto run = product.run({"run"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(
      run.err.ends_with("error: pipeline.toml has 3 problems, nothing was run\n"
                        "hint: pipeline check pipeline.toml looks again\n"))
      << run.err;
  EXPECT_EQ(product.run({"runs"}).out, "no runs yet; pipeline run makes one\n");
}

TEST(Check, LooksAtEveryPipelineOfTheRepositoryFromAnywhereInIt) {
  Product product;
  product.write("pipelines/ci.toml", kTwoStages);
  product.write("pipelines/nightly.toml", "name = 3\n");
  product.write("src/main.c", "");
  const auto ran = product.run_in(product.repository() / "src", {"check"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.out.find("pipelines/ci.toml: ok, 2 stages\n"), std::string::npos);
  EXPECT_NE(ran.out.find("pipelines/nightly.toml:1:8"), std::string::npos);
}

TEST(Check, NamesAFileThatIsMissing) {
  Product product;
  const auto ran = product.run({"check", "nowhere.toml"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(matches_golden("e2e/check_missing.txt", product.normalised(ran.err)));
}

TEST(Check, OpensNoState) {
  Product product;
  product.write("pipeline.toml", kTwoStages);
  product.run({"check"});
  product.run({"graph"});
  product.run({"schema"});
  EXPECT_FALSE(std::filesystem::exists(product.home()));
}

TEST(Graph, ShowsStagesAndNeeds) {
  Product product;
  product.write("pipeline.toml", kTwoStages);
  const auto text = product.run({"graph"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_TRUE(matches_golden("e2e/graph.txt", text.out));
  EXPECT_TRUE(product.run({"graph", "--dot"}).out.starts_with("digraph"));
}

// A run reads the file from git, a check from the disk: they have to mean the same.
TEST(Check, AgreesWithRunAboutSymlinks) {
  Product product;
  product.write("ci/one.toml", kTwoStages);
  product.write("../outside.toml", kTwoStages);
  const auto link = product.repository() / "pipeline.toml";
  const std::vector<std::pair<const char*, int>> targets = {
      {"ci/one.toml", 0},     {"./ci/../ci/one.toml", 0}, {"ci/again.toml", 0},
      {"../outside.toml", 2}, {"ci/none.toml", 2},        {"pipeline.toml", 2}};
  std::filesystem::create_symlink("one.toml", product.repository() / "ci/again.toml");
  for (const auto& [target, exit_code] : targets) {
    std::filesystem::remove(link);
    std::filesystem::create_symlink(target, link);
    const auto checked = product.run({"check"});
    const auto ran = product.run({"run"});
    EXPECT_EQ(checked.exit_code, exit_code) << target << ": " << checked.err;
    EXPECT_EQ(ran.exit_code, exit_code) << target << ": " << ran.err;
    if (exit_code == 2 && std::string(target) == "../outside.toml") {
      EXPECT_EQ(ran.err, checked.err);
      EXPECT_EQ(ran.err,
                "error: pipeline.toml is a symlink that leads out of the repository\n"
                "hint: commit the file itself, or link to one in the repository\n");
    }
  }
}

TEST(Schema, IsJson) {
  Product product;
  const auto ran = product.run({"schema"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.starts_with("{"));
}

TEST(Init, WritesAPipelineThatIsValidAndNeverOverwrites) {
  Product product;
  product.write("CMakeLists.txt", "");
  const auto ran = product.run({"init"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/init.txt", product.normalised(ran.out)));
  EXPECT_EQ(product.run({"check"}).exit_code, 0);
  const auto text = host::read_file(product.repository() / "pipeline.toml");
  EXPECT_NE(text->find("name = \"" + product.repository().filename().string() + "\"\n"),
            std::string::npos);
  const auto again = product.run({"init", "generic"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/init_again.txt", product.normalised(again.err)));
}

TEST(Init, GuessesTheTemplateThatWasMeant) {
  Product product;
  const auto ran = product.run({"init", "generc"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.err, "error: there is no template \"generc\"\nhint: did you mean \"generic\"?\n");
}

}  // namespace
}  // namespace pipeline::e2e
