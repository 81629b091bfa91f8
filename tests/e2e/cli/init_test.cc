// pipeline init in a repository of each kind, and the hook that it installs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "stages/host/file.h"
#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

struct Kind {
  const char* name;                // the template's
  std::vector<const char*> tools;  // that a run of it needs, where jobs find them
  std::vector<std::pair<const char*, const char*>> files;
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"cpp",
       {"cmake", "make", "c++"},
       {{"CMakeLists.txt",
         "cmake_minimum_required(VERSION 3.20)\nproject(demo CXX)\nenable_testing()\n"
         "add_executable(demo main.cc)\nadd_test(NAME runs COMMAND demo)\n"
         "install(TARGETS demo)\n"},
        {"main.cc", "int main() {}\n"}}},
      {"make",
       {"make"},
       {{"Makefile",
         "demo: demo.in\n\tcp demo.in demo\ncheck: demo\n\ttest -s demo\n"
         "install: demo\n\tmkdir -p $(DESTDIR)/bin && cp demo $(DESTDIR)/bin/\n"},
        {"demo.in", "demo\n"}}},
      {"meson",
       {"meson", "ninja", "cc"},
       {{"meson.build",
         "project('demo', 'c')\nexe = executable('demo', 'main.c')\ntest('runs', exe)\n"},
        {"main.c", "int main(void) { return 0; }\n"}}},
      {"npm",
       {"npm", "node"},
       {{"package.json",
         "{\"name\": \"demo\", \"version\": \"1.0.0\", \"scripts\": "
         "{\"test\": \"node test.js\", \"build\": \"node -e 0\"}}\n"},
        {"test.js", "require('assert').strictEqual(1 + 1, 2)\n"}}},
      {"python",
       {"python3"},
       {{"pyproject.toml", "[project]\nname = \"demo\"\nversion = \"1.0\"\n"},
        {"src/demo.py", "def double(x):\n    return 2 * x\n"},
        {"test_demo.py",
         "import unittest\nfrom demo import double\nclass Demo(unittest.TestCase):\n"
         "    def test_double(self):\n        self.assertEqual(double(2), 4)\n"}}},
      {"cargo",
       {"cargo", "rustc", "cc"},
       {{"Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
        {"src/lib.rs", "#[test]\nfn works() { assert_eq!(1 + 1, 2); }\n"}}},
      {"go",
       {"go"},
       {{"go.mod", "module example.com/demo\n\ngo 1.19\n"},
        {"demo.go", "package demo\n\nfunc Double(x int) int { return 2 * x }\n"},
        {"demo_test.go",
         "package demo\n\nimport \"testing\"\n\nfunc TestDouble(t *testing.T) {\n"
         "\tif Double(2) != 4 {\n\t\tt.Fail()\n\t}\n}\n"}}},
      {"generic", {"true"}, {{"README", "demo\n"}}}};
  return all;
}

class InitKind : public testing::TestWithParam<Kind> {};

TEST_P(InitKind, IsFoundCheckedAndRuns) {
  const Kind& kind = GetParam();
  Product product;
  for (const auto& [name, text] : kind.files) product.write(name, text);
  product.commit();
  const auto ran = product.run({"init"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(
      matches_golden("e2e/init_" + std::string(kind.name) + ".txt", product.normalised(ran.out)));
  const auto checked = product.run({"check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  for (const char* tool : kind.tools) {
    // Jobs see the machine's own programs, not those in somebody's home.
    if (access((std::string("/usr/bin/") + tool).c_str(), X_OK) != 0) {
      GTEST_SKIP() << "checked, but not run: there is no /usr/bin/" << tool;
    }
  }
  const auto run = product.run({"run"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

INSTANTIATE_TEST_SUITE_P(Kinds, InitKind, testing::ValuesIn(kinds()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Init, TellsWhatElseItFound) {
  Product product;
  for (const char* name : {"Makefile", "package.json", "go.mod"}) product.write(name, "");
  const auto ran = product.run({"init"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(matches_golden("e2e/init_several.txt", product.normalised(ran.out)));
  std::filesystem::remove(product.repository() / "pipeline.toml");
  EXPECT_NE(product.run({"init", "npm"}).out.find("(template npm)"), std::string::npos);
  EXPECT_TRUE(matches_golden("e2e/init_list.txt", product.run({"init", "--list"}).out));
}

constexpr const char* kPassing = "name = \"demo\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n";
constexpr const char* kFailing = "name = \"demo\"\n[[stage]]\nname = \"unit\"\nrun = \"false\"\n";

// A repository with another one to push to.
class Hook : public testing::Test {
 protected:
  void SetUp() override {
    product.env()["PATH"] = product.program().parent_path().string() + ":/usr/bin:/bin";
    product.write("pipeline.toml", kPassing);
    product.commit();
    product.git({"init", "-q", "--bare", (product.root() / "origin.git").string()});
    product.git({"remote", "add", "origin", (product.root() / "origin.git").string()});
  }
  std::filesystem::path hook() const { return product.repository() / ".git/hooks/pre-push"; }
  int push() { return product.shell("git push -q origin HEAD:main").exit_code; }
  Product product;
};

TEST_F(Hook, KeepsWhatFailsFromBeingPushed) {
  const auto ran = product.run({"init", "--hook"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const auto again = product.run({"init", "--hook"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(matches_golden("e2e/init_hook.txt", product.normalised(ran.out + again.out)));
  EXPECT_EQ(push(), 0);
  product.write("pipeline.toml", kFailing);
  product.commit();
  EXPECT_NE(push(), 0);
  EXPECT_EQ(product.shell("git push -q --no-verify origin HEAD:main").exit_code, 0);
}

TEST_F(Hook, IsMadeExecutableAgain) {
  ASSERT_EQ(product.run({"init", "--hook"}).exit_code, 0);
  std::filesystem::permissions(hook(), std::filesystem::perms(0644));
  ASSERT_EQ(product.run({"init", "--hook"}).exit_code, 0);
  EXPECT_EQ(access(hook().c_str(), X_OK), 0);
}

TEST_F(Hook, LeavesOneThatIsThereAlone) {
  std::filesystem::create_directories(hook().parent_path());
  std::ofstream(hook()) << "#!/bin/sh\necho mine\n";
  const auto ran = product.run({"init", "--hook"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/init_hook_exists.txt", product.normalised(ran.err)));
  EXPECT_EQ(*host::read_file(hook()), "#!/bin/sh\necho mine\n");
  // A link that leads nowhere is somebody's too.
  std::filesystem::remove(hook());
  std::filesystem::create_symlink("nowhere", hook());
  EXPECT_EQ(product.run({"init", "--hook"}).exit_code, 2);
  EXPECT_TRUE(std::filesystem::is_symlink(hook()));
  EXPECT_FALSE(std::filesystem::exists(hook()));
}

TEST_F(Hook, GoesWhereTheConfigurationSays) {
  product.git({"config", "core.hooksPath", "tools/hooks"});
  ASSERT_EQ(product.run({"init", "--hook"}).exit_code, 0);
  EXPECT_EQ(access((product.repository() / "tools/hooks/pre-push").c_str(), X_OK), 0);
  EXPECT_FALSE(std::filesystem::exists(hook()));
  const std::string shared = (product.root() / "shared").string();
  product.git({"config", "core.hooksPath", shared});
  const auto ran = product.run({"init", "--hook"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/init_hook_shared.txt", product.normalised(ran.out)));
}

TEST_F(Hook, WorksInALinkedWorkingTreeAndWithoutAPipeline) {
  product.git({"rm", "-q", "pipeline.toml"});
  product.commit();
  product.git({"worktree", "add", "-q", "../linked"});
  const auto ran = product.run_in(product.root() / "linked", {"init", "--hook"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.ends_with("there is no pipeline here yet; pipeline init writes one\n"))
      << ran.out;
  EXPECT_EQ(access(hook().c_str(), X_OK), 0);
}

TEST(InitHook, NeedsARepository) {
  Product product;
  const auto ran = product.run_in(product.root(), {"init", "--hook"});
  EXPECT_EQ(ran.exit_code, 2) << ran.out;
  EXPECT_TRUE(ran.err.find("is not in a git repository") != std::string::npos) << ran.err;
}

}  // namespace
}  // namespace pipeline::e2e
