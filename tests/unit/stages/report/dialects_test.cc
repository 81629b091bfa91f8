// What real tools write, held against what is made of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/report/junit.h"
#include "tests/support/golden.h"

namespace pipeline::report {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = "tests/golden/junit";

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".xml") names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

std::string described(const TestCase& test) {
  std::string text = std::string(to_string(test.status)) + (test.flaky ? " (flaky)" : "") + "  " +
                     base::printable(full_name(test)) + "  " +
                     std::to_string(test.duration.count()) +
                     "ms\n  suite: " + base::printable(test.suite) + "\n";
  if (const auto place = place_of(test.file, test.line); !place.empty()) {
    text += "  place: " + base::printable(place) + "\n";
  }
  if (!test.message.empty()) text += "  message: " + base::printable(test.message) + "\n";
  if (test.details.empty()) return text;
  for (const auto& line : base::split(test.details, '\n')) {
    text += "  | " + base::printable(line) + "\n";
  }
  return text;
}

class Dialect : public testing::TestWithParam<std::string> {};

TEST_P(Dialect, IsUnderstood) {
  const auto bytes = host::read_file(kFolder / (GetParam() + ".xml"));
  ASSERT_TRUE(bytes);
  TestReport report;
  const auto read = read_junit(*bytes, report.tests);
  ASSERT_TRUE(read) << read.error().to_string();
  std::string text = in_words(summarise(report).counts) + "\n";
  for (const TestCase& test : report.tests) text += "\n" + described(test);
  EXPECT_TRUE(support::matches_golden("junit/" + GetParam() + ".txt", text));
}

INSTANTIATE_TEST_SUITE_P(RealFiles, Dialect, testing::ValuesIn(names()), [](const auto& one) {
  std::string name = one.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Dialects, AreMany) {
  EXPECT_GE(names().size(), 30U);
}

}  // namespace
}  // namespace pipeline::report
