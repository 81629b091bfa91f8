#include "pipelines/base/timestamp.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace pipeline::base {

namespace {

constexpr std::string_view kShape = "0000-00-00T00:00:00.000000Z";

bool has_shape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return false;
  }
  return true;
}

unsigned number(std::string_view text, std::size_t from, std::size_t length) {
  unsigned value = 0;
  std::from_chars(text.data() + from, text.data() + from + length, value);
  return value;
}

}  // namespace

std::string format_timestamp(TimePoint at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<long>(time.hours().count()),
      static_cast<long>(time.minutes().count()), static_cast<long>(time.seconds().count()),
      static_cast<long>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

Result<TimePoint> parse_timestamp(std::string_view text) {
  const auto refused = [&] {
    return fail(ErrorKind::invalid, "not a time: \"" + std::string(text) + "\"");
  };
  if (!has_shape(text)) return refused();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(text, 0, 4))),
                                         std::chrono::month(number(text, 5, 2)),
                                         std::chrono::day(number(text, 8, 2))};
  const unsigned hours = number(text, 11, 2);
  const unsigned minutes = number(text, 14, 2);
  const unsigned seconds = number(text, 17, 2);
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return refused();
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) + std::chrono::microseconds(number(text, 20, 6));
}

}  // namespace pipeline::base
