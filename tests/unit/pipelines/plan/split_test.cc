#include "pipelines/plan/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "tests/support/property.h"
#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

using base::Duration;
using Paths = std::vector<std::string>;

std::vector<Paths> divided(const std::vector<SplitFile>& files, std::uint32_t total) {
  std::vector<Paths> parts;
  for (std::uint32_t index = 1; index <= total; ++index) {
    parts.push_back(files_of_part(files, {index, total}));
  }
  return parts;
}

TEST(Split, LongestFilesGoFirstToThePartWithTheLeastToDo) {
  const std::vector<SplitFile> files = {
      {"a", Duration(10)}, {"b", Duration(60)}, {"c", Duration(30)}, {"d", Duration(25)}};
  EXPECT_EQ(divided(files, 2), (std::vector<Paths>{{"b"}, {"a", "c", "d"}}));
}

TEST(Split, WithoutAHistoryFilesAreDealtOutByName) {
  const std::vector<SplitFile> files = {{"a", {}}, {"b", {}}, {"c", {}}, {"d", {}}, {"e", {}}};
  EXPECT_EQ(divided(files, 2), (std::vector<Paths>{{"a", "c", "e"}, {"b", "d"}}));
}

TEST(Split, ANewFileCountsAsTheMedianOfTheMeasured) {
  const std::vector<SplitFile> files = {
      {"a", Duration(1)}, {"b", Duration(50)}, {"c", Duration(99)}, {"new", {}}};
  EXPECT_EQ(divided(files, 2), (std::vector<Paths>{{"a", "c"}, {"b", "new"}}));
}

TEST(Split, MorePartsThanFilesLeavesSomeWithNothing) {
  EXPECT_EQ(divided({{"a", {}}}, 3), (std::vector<Paths>{{"a"}, {}, {}}));
}

std::vector<SplitFile> any_files() {
  const auto durations = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, 100000));
  std::vector<SplitFile> files;
  for (std::size_t i = 0; i < durations.size(); ++i) {
    files.push_back({"t/" + std::to_string(i), {}});
    if (durations[i] >= 0) files.back().measured = Duration(durations[i]);
  }
  return files;
}

RC_GTEST_PROP(SplitProperty, EveryFileIsInExactlyOnePart, ()) {
  const auto files = any_files();
  const auto total = *rc::gen::inRange<std::uint32_t>(2, 9);
  std::multiset<std::string> seen;
  for (const Paths& part : divided(files, total)) {
    RC_ASSERT(std::ranges::is_sorted(part));
    seen.insert(part.begin(), part.end());
  }
  std::multiset<std::string> all;
  for (const SplitFile& file : files) all.insert(file.path);
  RC_ASSERT(seen == all);
}

// Graham 1969: with the idlest part taken first, no part is busier than the mean and the longest
// file together.
RC_GTEST_PROP(SplitProperty, NoPartIsFarAboveTheMean, ()) {
  auto files = any_files();
  for (SplitFile& file : files)
    file.measured = std::max(file.measured.value_or(Duration(1)), Duration(1));
  const auto total = *rc::gen::inRange<std::uint32_t>(2, 9);
  std::map<std::string, Duration> duration_of;
  Duration sum{0};
  Duration longest{0};
  for (const SplitFile& file : files) {
    duration_of[file.path] = *file.measured;
    sum += *file.measured;
    longest = std::max(longest, *file.measured);
  }
  for (const Paths& part : divided(files, total)) {
    Duration busy{0};
    for (const std::string& path : part) busy += duration_of[path];
    RC_ASSERT(busy <= sum / total + longest);
  }
}

report::TestCase test(std::string file, std::string class_name, int ms) {
  report::TestCase test;
  test.file = std::move(file);
  test.class_name = std::move(class_name);
  test.duration = Duration(ms);
  return test;
}

TEST(SplitDurations, ATestBelongsToTheFileThatItsToolNamed) {
  std::vector<SplitFile> files = {{"web/cart.test.js", {}}, {"web/user.test.js", {}}};
  note_durations({{test("web/cart.test.js", "", 5), test("/home/me/web/cart.test.js", "", 7),
                   test("user.test.js", "", 11)},
                  {}},
                 files);
  EXPECT_EQ(files[0].measured, Duration(12));
  EXPECT_EQ(files[1].measured, Duration(11));
}

TEST(SplitDurations, OrToTheOneThatItsClassIsCalledAfter) {
  std::vector<SplitFile> files = {{"tests/unit/test_cart.py", {}},
                                  {"src/test/java/com/shop/UserTest.java", {}},
                                  {"a/same.py", Duration(3)},
                                  {"b/same.py", {}}};
  note_durations({{test("", "tests.unit.test_cart.CartTest", 5), test("", "com.shop.UserTest", 7),
                   test("", "same.Case", 100), test("", "", 100), test("gone.py", "", 100)},
                  {}},
                 files);
  EXPECT_EQ(files[0].measured, Duration(5));
  EXPECT_EQ(files[1].measured, Duration(7));
  EXPECT_EQ(files[2].measured, Duration(3)) << "what the report does not know stays as it was";
  EXPECT_EQ(files[3].measured, std::nullopt);
}

constexpr std::string_view kSplit = R"(
name = "p"
[[stage]]
name = "t"
run = "true"
split = { total = 2, files = "t/*" }
matrix = { os = ["bsd", "linux"] }
)";

TEST(SplitPlan, EachCellHasAllParts) {
  Facts facts;
  facts.split_files = {{"t", {{"t/a", {}}, {"t/b", {}}, {"t/c", {}}}}};
  const Plan plan = plan_for_test(kSplit, facts);
  ASSERT_EQ(plan.jobs.size(), 4U);
  EXPECT_EQ(plan.jobs[0].name, "t[os=bsd,split=1/2]");
  EXPECT_EQ(plan.jobs[3].name, "t[os=linux,split=2/2]");
  EXPECT_EQ(plan.jobs[3].env.at("SPLIT_INDEX"), "2");
  EXPECT_EQ(plan.jobs[3].env.at("SPLIT_TOTAL"), "2");
  EXPECT_EQ(plan.jobs[3].env.at("SPLIT_FILES"), "t/b");
  EXPECT_EQ(plan.jobs[2].env.at("SPLIT_FILES"), "t/a\nt/c");
  EXPECT_EQ(plan.jobs[3].env.at("MATRIX_OS"), "linux");
}

TEST(SplitPlan, APartWithNothingToDoIsSkipped) {
  Facts facts;
  facts.split_files = {{"t", {{"t/a", {}}}}};
  const Plan plan = plan_for_test(kSplit, facts);
  EXPECT_FALSE(plan.jobs[0].skip_reason);
  EXPECT_EQ(plan.jobs[1].skip_reason, "there are fewer files than parts");
}

TEST(SplitPlan, AListThatNoVariableHoldsIsRefused) {
  Facts facts;
  std::vector<SplitFile>& files = facts.split_files["t"];
  for (int i = 0; i < 3000; ++i) {
    files.push_back({"t/" + std::string(100, 'x') + std::to_string(i), {}});
  }
  const auto plan = make_plan(read_for_test(kSplit), facts, {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind(), base::ErrorKind::invalid);
  EXPECT_NE(plan.error().to_string().find("which no variable can hold"), std::string::npos);
}

}  // namespace
}  // namespace pipeline::plan
