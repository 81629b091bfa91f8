#include "pipelines/base/duration.h"

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTenYears = std::chrono::days(3650);

TEST(Duration, reads_what_a_pipeline_file_writes) {
  EXPECT_EQ(parse_duration("90s").value(), 90s);
  EXPECT_EQ(parse_duration("10m").value(), 10min);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("2d").value(), 48h);
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("0s").value(), 0ms);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms").value(), 26h + 3min + 4s + 5ms);
  EXPECT_EQ(parse_duration("3650d").value(), kTenYears);
}

TEST(Duration, refuses_and_says_why) {
  const auto why = [](std::string_view text) {
    const auto parsed = parse_duration(text);
    return parsed ? "accepted" : parsed.error().message();
  };
  EXPECT_EQ(why(""), "a duration is missing");
  EXPECT_EQ(why("90"), "a number needs a unit");
  EXPECT_EQ(why("1h30"), "a number needs a unit");
  EXPECT_EQ(why("s"), "a whole number is missing");
  EXPECT_EQ(why("-5s"), "a whole number is missing");
  EXPECT_EQ(why(" 5s"), "a whole number is missing");
  EXPECT_EQ(why("1.5h"), "only whole numbers with a unit are understood");
  EXPECT_EQ(why("1 h"), "only whole numbers with a unit are understood");
  EXPECT_EQ(why("5w"), "unknown unit \"w\"");
  EXPECT_EQ(why("5S"), "unknown unit \"S\"");
  EXPECT_EQ(why("1m1h"), "each unit stands once, the largest first");
  EXPECT_EQ(why("1m1m"), "each unit stands once, the largest first");
  EXPECT_EQ(why("3650d1ms"), "a duration is at most 3650d");
  EXPECT_EQ(why("9223372036854775807d"), "a duration is at most 3650d");
  EXPECT_EQ(why("99999999999999999999s"), "the number is too large");
}

TEST(Duration, a_bare_number_gets_a_next_step) {
  EXPECT_EQ(parse_duration("90").error().hint(), "write it like \"1h30m\"");
}

TEST(Duration, formats_in_the_form_it_reads) {
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(1500ms), "1s500ms");
  EXPECT_EQ(format_duration(-5s), "0s");
}

TEST(Duration, elapsed_time_is_short_and_cut_not_rounded) {
  EXPECT_EQ(format_elapsed(0ms), "0.0s");
  EXPECT_EQ(format_elapsed(240ms), "0.2s");
  EXPECT_EQ(format_elapsed(12'345ms), "12.3s");
  EXPECT_EQ(format_elapsed(59'999ms), "59.9s");
  EXPECT_EQ(format_elapsed(4min + 5s), "4m05s");
  EXPECT_EQ(format_elapsed(59min + 59'999ms), "59m59s");
  EXPECT_EQ(format_elapsed(2h + 10min), "2h10m");
  EXPECT_EQ(format_elapsed(27h), "1d03h");
  EXPECT_EQ(format_elapsed(std::chrono::days(100)), "100d");
  EXPECT_EQ(format_elapsed(-1s), "0.0s");
}

RC_GTEST_PROP(Duration, every_value_survives_its_text, ()) {
  const Duration duration(*rc::gen::inRange<std::int64_t>(0, kTenYears.count() + 1));
  RC_ASSERT(parse_duration(format_duration(duration)).value() == duration);
}

RC_GTEST_PROP(Duration, elapsed_time_fits_six_columns, (std::int64_t milliseconds)) {
  RC_ASSERT(format_elapsed(Duration(milliseconds)).size() <= 6);
}

RC_GTEST_PROP(Duration, any_text_is_read_or_refused, (const std::string& text)) {
  const auto parsed = parse_duration(text);
  RC_ASSERT(!parsed || (*parsed >= 0ms && *parsed <= kTenYears));
}

}  // namespace
}  // namespace pipeline::base
