#include "pipelines/base/timestamp.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

TEST(Timestamp, IsRfc3339InUtcWithMicroseconds) {
  EXPECT_EQ(format_timestamp(TimePoint{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_timestamp(TimePoint(std::chrono::microseconds(1'795'435'200'123'456))),
            "2026-11-23T12:00:00.123456Z");
  EXPECT_EQ(format_timestamp(TimePoint(std::chrono::microseconds(-1))),
            "1969-12-31T23:59:59.999999Z");
}

TEST(Timestamp, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "now", "2026-11-23", "2026-11-23T12:00:00Z", "2026-11-23 12:00:00.123456Z",
        "2026-02-30T12:00:00.000000Z", "2026-13-01T12:00:00.000000Z", "2026-11-23T24:00:00.000000Z",
        "2026-11-23T12:60:00.000000Z", "2026-11-23T12:00:60.000000Z", "2026-11-23T12:00:00.000000+",
        "2026-11-23T12:00:00.00000xZ"}) {
    const auto read = parse_timestamp(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), ErrorKind::invalid);
  }
}

RC_GTEST_PROP(Timestamp, WhatIsWrittenIsRead, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000'000);
  const TimePoint at{std::chrono::microseconds(micros)};
  const auto read = parse_timestamp(format_timestamp(at));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == at);
}

}  // namespace
}  // namespace pipeline::base
