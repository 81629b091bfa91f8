#include "stages/report/collect.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace pipeline::report {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFailing =
    "<testsuite name='s'><testcase name='a'><failure message='hunter2 is wrong'>"
    "/workspace/t/a.cc:3: hunter2</failure></testcase><testcase name='b'/></testsuite>";

class CollectingReports : public testing::Test {
 protected:
  CollectingReports() {
    fs::create_directories(lower_);
    fs::create_directories(upper_ / "out");
  }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  Collected collected(const model::ReportSpec& spec) {
    const auto collected = collect(spec, {{lower_}, upper_, false}, "/workspace", {"hunter2"});
    EXPECT_TRUE(collected) << collected.error().to_string();
    return collected.value_or(Collected{});
  }

  support::TemporaryDirectory directory_;
  fs::path lower_ = directory_.path() / "lower";
  fs::path upper_ = directory_.path() / "upper";
};

TEST_F(CollectingReports, AreReadMaskedMadeRelativeAndQuarantined) {
  write(upper_ / "out/a.xml", kFailing);
  write(upper_ / "cov.xml", "<coverage lines-covered='1' lines-valid='4'/>");
  const auto all = collected({.junit = {"out/*.xml", "out/a.xml"},
                              .coverage = model::CoverageSpec{.path = "cov.xml"},
                              .quarantine = {"s.?"}});
  EXPECT_FALSE(all.missing || all.malformed);
  ASSERT_EQ(all.report.tests.size(), 2U) << "globs that overlap read a file once";
  const TestCase& failed = all.report.tests[0];
  EXPECT_EQ(failed.message, "*** is wrong");
  EXPECT_EQ(failed.details, "/workspace/t/a.cc:3: ***");
  EXPECT_EQ(place_of(failed.file, failed.line), "t/a.cc:3");
  EXPECT_TRUE(failed.quarantined);
  EXPECT_FALSE(all.report.tests[1].quarantined);
  EXPECT_EQ(all.report.coverage, (Coverage{1, 4}));
}

TEST_F(CollectingReports, OfAnEarlierJobOrTheSourceAreNone) {
  write(lower_ / "a.xml", kFailing);
  const auto none = collected({.junit = {"a.xml"}, .coverage = {}, .quarantine = {}});
  ASSERT_TRUE(none.missing);
  EXPECT_EQ(none.missing->to_string(), "reports.junit: no file matched \"a.xml\"");
  EXPECT_TRUE(none.report.tests.empty());
}

TEST_F(CollectingReports, TellWhichFileCannotBeUsedAndKeepTheRest) {
  write(upper_ / "out/a.xml", "<testsuite>");
  write(upper_ / "out/b.xml", kFailing);
  const auto some = collected({.junit = {"out/*.xml"}, .coverage = {}, .quarantine = {}});
  ASSERT_TRUE(some.malformed);
  EXPECT_EQ(some.malformed->to_string(),
            "cannot use the report \"out/a.xml\": line 1, column 12: no element found");
  EXPECT_EQ(some.report.tests.size(), 2U);
}

TEST_F(CollectingReports, AreNeverReadThroughSymlinksOrFromDevices) {
  const fs::path secret = directory_.path() / "secret.xml";
  write(secret, kFailing);
  fs::create_symlink(secret, upper_ / "out/link.xml");
  const auto through = collected({.junit = {"out/link.xml"}, .coverage = {}, .quarantine = {}});
  EXPECT_TRUE(through.malformed);
  EXPECT_TRUE(through.report.tests.empty());
  ASSERT_EQ(::mkfifo((upper_ / "out/fifo.xml").c_str(), 0600), 0);
  const auto fifo = collected({.junit = {"out/fifo.xml"}, .coverage = {}, .quarantine = {}});
  ASSERT_TRUE(fifo.malformed);
  EXPECT_EQ(fifo.malformed->to_string(), "reports.junit: \"out/fifo.xml\" is a FIFO");
}

TEST_F(CollectingReports, AreBounded) {
  write(upper_ / "out/a.xml", "");
  fs::resize_file(upper_ / "out/a.xml", kLargestReport + 1);
  const auto large = collected({.junit = {"out/a.xml"}, .coverage = {}, .quarantine = {}});
  ASSERT_TRUE(large.malformed);
  EXPECT_EQ(large.malformed->to_string(),
            "cannot use the report \"out/a.xml\": it is larger than 64 MiB");
}

}  // namespace
}  // namespace pipeline::report
