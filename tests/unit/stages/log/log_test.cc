#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "stages/host/file.h"
#include "stages/log/reader.h"
#include "stages/log/writer.h"

namespace pipeline::log {
namespace {

using base::TimePoint;
using namespace std::chrono_literals;

constexpr std::uint64_t kLimit = std::uint64_t{64} << 10U;  // the smallest there is

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "pipeline-log-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  LogWriter writer(std::uint64_t limit = kLimit) {
    auto made = LogWriter::create(directory_, limit);
    EXPECT_TRUE(made);
    return std::move(*made);
  }
  LogReader reader() {
    auto made = LogReader::open(directory_);
    EXPECT_TRUE(made) << made.error().to_string();
    return std::move(*made);
  }
  TimePoint at(std::chrono::milliseconds since_start) const {
    return TimePoint(1000s + since_start);
  }

  std::filesystem::path directory_;
};

struct Whole {
  std::string bytes;
  std::uint64_t cut = 0;
};

Whole read_from(LogReader& reader, std::uint64_t offset, std::size_t step = 1000) {
  Whole whole;
  for (;;) {
    const auto piece = reader.read(offset, step);
    EXPECT_TRUE(piece) << piece.error().to_string();
    if (!piece || piece->bytes.empty()) return whole;
    whole.bytes += piece->bytes;
    whole.cut += piece->cut;
    offset = piece->next;
  }
}

std::string numbered_lines(int count, int from = 0) {
  std::string text;
  for (int i = from; i < from + count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

TEST_F(LogTest, KeepsTheBytesAsTheyCame) {
  auto log = writer();
  const std::string bytes("raw \xff\0 bytes\n", 13);
  ASSERT_TRUE(log.append(bytes, at(0ms)));
  ASSERT_TRUE(log.finish(at(1ms)));
  EXPECT_EQ(*host::read_file(directory_ / "log"), bytes) << "readable with cat";
  auto view = reader();
  EXPECT_EQ(read_from(view, 0).bytes, bytes);
  EXPECT_TRUE(view.finished());
}

TEST_F(LogTest, IsReadableWhileItIsWritten) {
  auto log = writer();
  auto view = reader();
  EXPECT_EQ(read_from(view, 0).bytes, "");
  ASSERT_TRUE(log.append("one\n", at(0ms)));
  ASSERT_TRUE(view.refresh());
  EXPECT_EQ(read_from(view, 0).bytes, "one\n");
  ASSERT_TRUE(log.append("two\n", at(1ms)));
  ASSERT_TRUE(view.refresh());
  EXPECT_EQ(read_from(view, 4).bytes, "two\n");
  EXPECT_FALSE(view.finished());
}

TEST_F(LogTest, TellsCommandsApart) {
  auto log = writer();
  ASSERT_TRUE(log.command_started(0, at(0ms)));
  ASSERT_TRUE(log.append("compiling\n", at(5ms)));
  ASSERT_TRUE(log.command_finished(0, 0, at(700ms)));
  ASSERT_TRUE(log.command_started(1, at(701ms)));
  ASSERT_TRUE(log.append("testing\n", at(702ms)));
  auto view = reader();
  ASSERT_EQ(view.commands().size(), 2U);
  EXPECT_EQ(view.commands()[1].end, 18U) << "a running command ends where the output ends so far";
  EXPECT_FALSE(view.commands()[1].finished_at);
  ASSERT_TRUE(log.command_finished(1, 137, at(900ms)));
  ASSERT_TRUE(log.finish(at(900ms)));
  ASSERT_TRUE(view.refresh());
  const auto& first = view.commands()[0];
  EXPECT_EQ(first.begin, 0U);
  EXPECT_EQ(first.end, 10U);
  EXPECT_EQ(first.finished_at, at(700ms));
  EXPECT_EQ(view.commands()[1].exit_code, 137);
}

TEST_F(LogTest, TimesEveryPiece) {
  auto log = writer();
  ASSERT_TRUE(log.append("early\n", at(0ms)));
  ASSERT_TRUE(log.append("soon\n", at(50ms)));  // within the resolution
  ASSERT_TRUE(log.append("late\n", at(3000ms)));
  auto view = reader();
  const auto first = view.read(0);
  EXPECT_EQ(first->bytes, "early\nsoon\n");
  EXPECT_EQ(first->at, at(0ms));
  const auto second = view.read(first->next);
  EXPECT_EQ(second->bytes, "late\n");
  EXPECT_EQ(second->at, at(3000ms));
}

TEST_F(LogTest, FindsTheLastLines) {
  auto log = writer();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(log.append(numbered_lines(1, i), at(200ms * i)));
  ASSERT_TRUE(log.append("no newline", at(200000ms)));
  auto view = reader();
  EXPECT_EQ(read_from(view, *view.tail_offset(1)).bytes, "no newline");
  EXPECT_EQ(read_from(view, *view.tail_offset(3)).bytes, numbered_lines(2, 498) + "no newline");
  EXPECT_EQ(*view.tail_offset(10000), 0U);
  EXPECT_EQ(*view.tail_offset(0), view.end());
}

TEST_F(LogTest, FindsTheLastLinesWithinOneChunk) {
  auto log = writer();
  ASSERT_TRUE(log.append(numbered_lines(300), at(0ms)));
  auto view = reader();
  EXPECT_EQ(read_from(view, *view.tail_offset(2)).bytes, numbered_lines(2, 298));
}

TEST_F(LogTest, CutsTheMiddleAndSaysSo) {
  auto log = writer();
  std::string all;
  for (int i = 0; i < 400; ++i) {
    const std::string part = numbered_lines(100, i * 100);
    all += part;
    ASSERT_TRUE(log.append(part, at(1ms * i)));
  }
  for (const bool finished : {false, true}) {
    if (finished) {
      ASSERT_TRUE(log.finish(at(500ms)));
    }
    auto view = reader();
    EXPECT_EQ(view.end(), all.size());
    const Whole whole = read_from(view, 0);
    EXPECT_EQ(whole.bytes.size() + whole.cut, all.size());
    EXPECT_LE(whole.bytes.size(), kLimit + kLimit / 16);
    EXPECT_GE(whole.bytes.size(), kLimit - kLimit / 8);
    EXPECT_TRUE(all.starts_with(whole.bytes.substr(0, kLimit / 2)));
    EXPECT_TRUE(all.ends_with(whole.bytes.substr(kLimit / 2)));
    EXPECT_EQ(read_from(view, *view.tail_offset(5)).bytes, numbered_lines(5, 39995));
  }
  const std::string file = *host::read_file(directory_ / "log");
  auto view = reader();
  EXPECT_NE(file.find(cut_notice(read_from(view, 0).cut)), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 2)
      << "no pieces of the tail stay behind";
}

TEST_F(LogTest, SaysNothingWhenNothingWasCut) {
  auto log = writer();
  const std::string text = numbered_lines(4000);  // more than the head, less than the limit
  ASSERT_GT(text.size(), kLimit / 2);
  ASSERT_LT(text.size(), kLimit);
  ASSERT_TRUE(log.append(text, at(0ms)));
  ASSERT_TRUE(log.finish(at(1ms)));
  EXPECT_EQ(*host::read_file(directory_ / "log"), text);
}

TEST_F(LogTest, AFollowerSurvivesTheCut) {
  auto log = writer();
  auto view = reader();
  const std::string all = numbered_lines(20000);
  std::uint64_t offset = 0;
  std::uint64_t seen = 0;
  const auto follow = [&] {
    ASSERT_TRUE(view.refresh());
    for (auto piece = view.read(offset); !piece->bytes.empty(); piece = view.read(offset)) {
      EXPECT_EQ(piece->bytes, all.substr(piece->offset, piece->bytes.size()));
      seen += piece->bytes.size() + piece->cut;
      offset = piece->next;
    }
  };
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): a fixed seed makes a failure repeatable
  for (std::size_t at_byte = 0; at_byte < all.size();) {
    const std::size_t size = std::min<std::size_t>(random() % 30000 + 1, all.size() - at_byte);
    ASSERT_TRUE(log.append(std::string_view(all).substr(at_byte, size), at(0ms)));
    at_byte += size;
    if (random() % 2 == 0) follow();
  }
  ASSERT_TRUE(log.finish(at(1ms)));
  follow();
  EXPECT_EQ(seen, all.size());
  EXPECT_TRUE(view.finished());
}

TEST_F(LogTest, IgnoresATornRecord) {
  {
    auto log = writer();
    ASSERT_TRUE(log.command_started(0, at(0ms)));
    ASSERT_TRUE(log.append("text\n", at(0ms)));
  }
  const auto index = host::open_file(directory_ / "log.index", O_WRONLY | O_APPEND);
  ASSERT_TRUE(host::write_all(index->get(), "torn"));
  auto view = reader();
  EXPECT_EQ(read_from(view, 0).bytes, "text\n");
  EXPECT_EQ(view.commands().size(), 1U);
  EXPECT_FALSE(view.finished());
}

TEST_F(LogTest, SaysWhenTheIndexIsDamaged) {
  {
    auto log = writer();
    ASSERT_TRUE(log.append("text\n", at(0ms)));
  }
  const auto index = host::open_file(directory_ / "log.index", O_WRONLY | O_APPEND);
  // A tail that was moved although nothing was ever cut.
  const Record impossible{.kind = RecordKind::cut};
  ASSERT_TRUE(host::write_all(index->get(),
                              {reinterpret_cast<const char*>(&impossible), sizeof impossible}));
  const auto view = LogReader::open(directory_);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().kind(), base::ErrorKind::corrupt);
  EXPECT_EQ(view.error().hint(), "the output itself is in " + (directory_ / "log").string());
}

TEST_F(LogTest, IsWholeAtEveryMomentOfMovingTheTail) {
  auto log = writer();
  const std::string all = numbered_lines(30000);
  ASSERT_TRUE(log.append(all, at(0ms)));
  auto before = reader();
  const std::string expected = read_from(before, 0).bytes;
  // Half moved and killed: bytes in `log` beyond the head, no cut record, all the pieces.
  const auto file = host::open_file(directory_ / "log", O_WRONLY | O_APPEND);
  ASSERT_TRUE(host::write_all(file->get(), cut_notice(123) + "half a ta"));
  auto view = reader();
  EXPECT_EQ(read_from(view, 0).bytes, expected);
}

TEST_F(LogTest, StartsOverInAUsedDirectory) {
  {
    auto log = writer();
    ASSERT_TRUE(log.append(numbered_lines(30000), at(0ms)));
  }
  auto log = writer();
  ASSERT_TRUE(log.append("fresh\n", at(0ms)));
  auto view = reader();
  EXPECT_EQ(read_from(view, 0).bytes, "fresh\n");
}

TEST_F(LogTest, RefusesADirectoryWithoutALog) {
  EXPECT_EQ(LogReader::open(directory_).error().kind(), base::ErrorKind::not_found);
}

}  // namespace
}  // namespace pipeline::log
