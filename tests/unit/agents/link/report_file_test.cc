#include "agents/link/report_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace pipeline::link {
namespace {

TEST(ReportFile, IsReadAsItGrows) {
  const support::TemporaryDirectory directory;
  ReportReader reader(directory.path());
  EXPECT_TRUE(reader.read().value().empty()) << "there is none yet";
  auto writer = ReportWriter::open(directory.path());
  ASSERT_TRUE(writer) << writer.error().to_string();
  ASSERT_TRUE(writer->append(run::JobLeased{"a", 1, "local"}, {}));
  ASSERT_TRUE(writer->append(run::JobStarted{"a", 1}, {}));
  EXPECT_EQ(reader.read().value().size(), 2U);
  EXPECT_TRUE(reader.read().value().empty());
  ASSERT_TRUE(writer->append(run::JobFinishing{"a", 1}, {}));
  const auto last = reader.read().value();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<run::JobFinishing>(last.front().body));
  EXPECT_EQ(ReportReader(directory.path()).read().value().size(), 3U);
}

TEST(ReportFile, ALineCountsOnceItIsWhole) {
  const support::TemporaryDirectory directory;
  auto writer = ReportWriter::open(directory.path());
  ASSERT_TRUE(writer->append(run::JobStarted{"a", 1}, {}));
  std::ifstream stream(report_file_of(directory.path()));
  std::string line;
  std::getline(stream, line);
  for (std::size_t cut = 0; cut <= line.size(); ++cut) {
    std::string text = line.substr(0, cut);
    EXPECT_TRUE(take_reports(text).empty());
    text += line.substr(cut) + "\n" + line;
    EXPECT_EQ(take_reports(text).size(), 1U);
    EXPECT_EQ(text, line);
  }
}

TEST(ReportFile, ALineThatWasCutOffIsPassedOver) {
  const support::TemporaryDirectory directory;
  auto writer = ReportWriter::open(directory.path());
  ASSERT_TRUE(writer->append(run::JobStarted{"a", 1}, {}));
  std::ofstream(report_file_of(directory.path()), std::ios::app) << "{\"event\":\n";
  ASSERT_TRUE(writer->append(run::JobFinishing{"a", 1}, {}));
  EXPECT_EQ(ReportReader(directory.path()).read().value().size(), 2U);
}

}  // namespace
}  // namespace pipeline::link
