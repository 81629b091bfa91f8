#include "pipelines/base/duration.h"

#include <array>

#include "pipelines/base/quantity.h"

namespace pipeline::base {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Unit {
  std::string_view name;
  Duration length;
};
// Largest first: the order in which a duration names them.
constexpr std::array<Unit, 5> kUnits = {
    {{"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", Duration(1)}}};
constexpr Duration kLongest = days(3650);

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return fail(ErrorKind::invalid, "a duration is missing");
  Duration total{0};
  const auto* allowed = kUnits.begin();  // units before it are used up
  while (!text.empty()) {
    PIPELINE_ASSIGN(const auto part, take_quantity(text, "1h30m"));
    const auto* unit = std::ranges::find(kUnits, part.unit, &Unit::name);
    if (unit == kUnits.end()) {
      return fail(Error(ErrorKind::invalid, "unknown unit \"" + std::string(part.unit) + "\"")
                      .hint("units are ms, s, m, h and d"));
    }
    if (unit < allowed) {
      return fail(ErrorKind::invalid, "each unit stands once, the largest first");
    }
    allowed = unit + 1;
    const auto most = static_cast<std::uint64_t>((kLongest - total) / unit->length);
    if (part.number > most) return fail(ErrorKind::invalid, "a duration is at most 3650d");
    total += unit->length * static_cast<std::int64_t>(part.number);
  }
  return total;
}

std::string format_duration(Duration duration) {
  if (duration <= Duration(0)) return "0s";
  std::string text;
  for (const auto& unit : kUnits) {
    const auto count = duration / unit.length;
    duration %= unit.length;
    if (count != 0) text += std::to_string(count) + std::string(unit.name);
  }
  return text;
}

std::string format_elapsed(Duration duration) {
  // Cut, not rounded: a display must not say "60.0s", nor a job have lasted longer than it did.
  duration = std::max(duration, Duration(0));
  if (duration < minutes(1)) {
    return std::to_string(duration / seconds(1)) + "." +
           std::to_string(duration % seconds(1) / Duration(100)) + "s";
  }
  if (duration < hours(1)) {
    return std::to_string(duration / minutes(1)) + "m" +
           two_digits(duration % minutes(1) / seconds(1)) + "s";
  }
  if (duration < days(1)) {
    return std::to_string(duration / hours(1)) + "h" +
           two_digits(duration % hours(1) / minutes(1)) + "m";
  }
  if (duration < days(100)) {
    return std::to_string(duration / days(1)) + "d" + two_digits(duration % days(1) / hours(1)) +
           "h";
  }
  return std::to_string(std::min<std::int64_t>(duration / days(1), 99'999)) + "d";
}

}  // namespace pipeline::base
