// pipeline logs --grep.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::Product;

constexpr const char* kTalkative = R"(name = "demo"

[[stage]]
name = "build"
run  = "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; printf 'Error: one\\nerror: two\\nend'"

[[stage]]
name  = "unit"
needs = []
run   = "echo before; echo 'error: three'; echo after; printf 'an error without end'"
)";

// A run whose logs have lines that match and lines that do not.
class LogsGrep : public testing::Test {
 protected:
  void SetUp() override {
    product.write("pipeline.toml", kTalkative);
    product.commit();
    ASSERT_EQ(product.run({"run"}).exit_code, 0);
  }
  std::string logs(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"logs", "last"});
    const auto ran = product.run(arguments);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return "$ pipeline " + product_line(arguments) + "\n" + ran.out + ran.err;
  }
  static std::string product_line(const std::vector<std::string>& arguments) {
    std::string line;
    for (const std::string& one : arguments) line += (line.empty() ? "" : " ") + one;
    return line;
  }
  Product product;
};

TEST_F(LogsGrep, PrintsTheLinesThatMatchOfAllJobsOrOne) {
  const std::string all =
      logs({"--grep", "error"}) + logs({"build", "--grep", "error"}) +
      logs({"build", "--grep", "^ERROR", "-i"}) +
      logs({"build", "--grep=line [2-4]", "--tail", "2"}) + logs({"--grep", "r", "-n", "1"}) +
      logs({"build", "--grep", "line [28]", "-C", "1"}) +
      logs({"unit", "--grep", "end$", "--context", "100"}) +
      logs({"build", "--grep", "line", "--tail", "0"}) +
      logs({"--grep", "nowhere", "--attempt", "1"}) + logs({"unit", "--grep", "error", "--follow"});
  EXPECT_TRUE(matches_golden("e2e/logs_grep.txt", all));
}

TEST_F(LogsGrep, PutsTheTimeBeforeWhatMatches) {
  const auto ran = product.run({"logs", "1", "unit", "-t", "--grep", "^error"});
  EXPECT_TRUE(ran.out.ends_with("Z error: three\n")) << ran.out;
}

TEST_F(LogsGrep, RefusesWhatIsNoExpression) {
  std::string all;
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--grep", "(error"},
                                                {"--grep", "a{2,1}"},
                                                {"--grep", "[z-a]"},
                                                {"--context", "2"},
                                                {"-i"},
                                                {"--grep", "a", "-C", "x"}}) {
    std::vector<std::string> arguments = {"logs", "1"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const auto ran = product.run(arguments);
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_EQ(ran.out, "");
    all += ran.err;
  }
  EXPECT_TRUE(matches_golden("e2e/logs_grep_wrong.txt", all));
}

// The job goes on when the test lets it, without its sandbox, which would hide the pipe.
TEST(LogsGrepFollow, PrintsWhatMatchesAsItComes) {
  Product product;
  const std::string gate = (product.root() / "gate").string();
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  ASSERT_EQ(chmod(gate.c_str(), 0666), 0);  // whoever runs the job
  product.write("pipeline.toml",
                "name = \"demo\"\n[[stage]]\nname = \"talk\"\nrun = '''echo a hit; "
                "echo a miss; cat " +
                    gate + "; echo late hit'''\n");
  product.commit();
  auto run = product.start({"run", "--sandbox=none"});
  ASSERT_TRUE(eventually([&] { return run.out().find("talk") != std::string::npos; }));
  ASSERT_TRUE(eventually([&] { return product.run({"logs", "1"}).out == "a hit\na miss\n"; }));
  auto follower = product.start({"logs", "1", "--grep", "hit", "--follow"});
  EXPECT_TRUE(eventually([&] { return follower.out() == "a hit\n"; })) << follower.out();
  std::ofstream(gate) << "another miss\nhit through the gate\n";
  EXPECT_EQ(run.wait().exit_code, 0);
  const auto ran = follower.wait();
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "a hit\nhit through the gate\nlate hit\n");
}

}  // namespace
}  // namespace pipeline::e2e
