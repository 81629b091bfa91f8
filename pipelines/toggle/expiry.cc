#include "pipelines/toggle/expiry.h"

#include <charconv>
#include <optional>

namespace pipeline::toggle {

namespace {

// Exactly `width` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  const auto part = text.substr(at, width);
  if (part.size() != width || part.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(part.data(), part.data() + part.size(), value);
  return value;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::seconds> parse_time(std::string_view text) {
  const auto hour = digits(text, 0, 2);
  const auto minute = digits(text, 3, 2);
  const auto second = digits(text, 6, 2);
  if (!hour || !minute || !second || text[2] != ':' || text[5] != ':' || text[8] != 'Z') {
    return std::nullopt;
  }
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace

base::Result<base::TimePoint> parse_expiry(std::string_view text) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kDateAndTime = 20;
  if (text.size() == kDate) {
    if (const auto date = parse_date(text)) return *date + std::chrono::days(1);
  }
  if (text.size() == kDateAndTime && text[kDate] == 'T') {
    const auto date = parse_date(text.substr(0, kDate));
    const auto time = parse_time(text.substr(kDate + 1));
    if (date && time) return *date + *time;
  }
  return base::fail(base::ErrorKind::invalid,
                    "\"" + std::string(text) +
                        "\" is neither a date (2027-01-31) nor a UTC time (2027-01-31T12:00:00Z)");
}

}  // namespace pipeline::toggle
