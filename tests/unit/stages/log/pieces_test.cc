#include "stages/log/pieces.h"

#include <gtest/gtest.h>

namespace pipeline::log {
namespace {

Piece piece(std::uint64_t offset, std::uint64_t cut, std::string bytes) {
  const auto at = base::TimePoint(std::chrono::microseconds(1'790'000'000'123'456));
  return {offset, offset + bytes.size(), cut, at, std::move(bytes)};
}

bool is_same(const Piece& a, const Piece& b) {
  return a.offset == b.offset && a.next == b.next && a.cut == b.cut && a.at == b.at &&
         a.bytes == b.bytes;
}

TEST(LogPart, ComesBackAsItWent) {
  const LogPart part{100, {piece(5, 5, std::string("a\0\n\xff", 4)), piece(20, 11, "bc")}};
  const auto decoded = decode_part(encode(part));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->end, 100U);
  ASSERT_EQ(decoded->pieces.size(), 2U);
  EXPECT_TRUE(is_same(decoded->pieces[0], part.pieces[0]));
  EXPECT_TRUE(is_same(decoded->pieces[1], part.pieces[1]));
  EXPECT_TRUE(decode_part(encode({7, {}}))->pieces.empty());
}

TEST(LogPart, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "log",
                           "log 1",
                           "log 1 1\n",
                           "log 1 0\nx",
                           "log x 0\n",
                           "log -1 0\n",
                           "Log 1 0\n",
                           "log 1 99999999999999999999\n",
                           "log 1 5000\n",
                           "log 1 1\n0 0 0 3\nab",           // too short
                           "log 1 1\n0 0 0 2\nabc",          // too long
                           "log 1 1\n0 0 0 0\n",             // an empty piece
                           "log 1 1\n1 2 0 1\na",            // cut before the beginning
                           "log 9 2\n0 0 0 1\n5 1 0 1\nab",  // a gap that nobody speaks of
                           "log 9 2\n4 0 0 1\n0 0 0 1\nab",  // backwards
                           "log 1 1\n18446744073709551615 0 0 2\nab",  // beyond all numbers
                           "log 1 1\n0 0 0 18446744073709551615\nab",
                           "log 1 1\n0  0 0 2\nab",
                           "log 1 1\n0 0 x 2\nab"}) {
    const auto decoded = decode_part(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().kind(), base::ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace pipeline::log
