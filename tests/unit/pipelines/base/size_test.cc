#include "pipelines/base/size.h"

#include <limits>

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

TEST(Size, reads_what_a_pipeline_file_writes) {
  EXPECT_EQ(parse_size("512MiB").value(), 512ULL << 20U);
  EXPECT_EQ(parse_size("2GB").value(), 2'000'000'000ULL);
  EXPECT_EQ(parse_size("64KiB").value(), 65'536ULL);
  EXPECT_EQ(parse_size("100B").value(), 100ULL);
  EXPECT_EQ(parse_size("3kB").value(), 3'000ULL);
  EXPECT_EQ(parse_size("0B").value(), 0ULL);
  EXPECT_EQ(parse_size("1TiB").value(), 1ULL << 40U);
  EXPECT_EQ(parse_size("18446744073709551615B").value(), std::numeric_limits<std::uint64_t>::max());
}

TEST(Size, refuses_and_says_why) {
  const auto why = [](std::string_view text) {
    const auto parsed = parse_size(text);
    return parsed ? "accepted" : parsed.error().message();
  };
  EXPECT_EQ(why(""), "a size is missing");
  EXPECT_EQ(why("512"), "a number needs a unit");
  EXPECT_EQ(why("MiB"), "a whole number is missing");
  EXPECT_EQ(why("-1B"), "a whole number is missing");
  EXPECT_EQ(why("1.5GiB"), "only whole numbers with a unit are understood");
  EXPECT_EQ(why("1KB"), "unknown unit \"KB\"");
  EXPECT_EQ(why("1GiB512MiB"), "unknown unit \"GiB512MiB\"");
  EXPECT_EQ(why("18446744073709551616B"), "the number is too large");
  EXPECT_EQ(why("16777216TiB"), "the size is too large");
}

TEST(Size, formats_for_a_person) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(512), "512 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1024), "1 KiB");
  EXPECT_EQ(format_size(1536ULL * 1024), "1.5 MiB");
  EXPECT_EQ(format_size(1'048'575), "1 MiB");
  EXPECT_EQ(format_size(512ULL << 20U), "512 MiB");
  EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "16777216 TiB");
}

RC_GTEST_PROP(Size, whole_units_are_read_back, ()) {
  const auto mebibytes = *rc::gen::inRange<std::uint64_t>(0, 1U << 24U);
  RC_ASSERT(parse_size(std::to_string(mebibytes) + "MiB").value() == mebibytes << 20U);
}

// Never further from the truth than half of the last digit shown.
RC_GTEST_PROP(Size, what_is_shown_is_near, (std::uint64_t bytes)) {
  const std::string text = format_size(bytes);
  const auto space = text.find(' ');
  const double number = std::stod(text.substr(0, space));
  const auto unit = parse_size("1" + text.substr(space + 1)).value();
  const double shown = number * static_cast<double>(unit);
  RC_ASSERT(std::abs(shown - static_cast<double>(bytes)) <= static_cast<double>(unit) * 0.0501);
}

RC_GTEST_PROP(Size, any_text_is_read_or_refused, (const std::string& text)) {
  const auto parsed = parse_size(text);
  RC_ASSERT(parsed || parsed.error().kind() == ErrorKind::invalid);
}

}  // namespace
}  // namespace pipeline::base
