#include "pipelines/schedule/cron.h"

#include <array>

namespace pipeline::schedule {

namespace chrono = std::chrono;

namespace {

// The calendar repeats itself after so long, weekdays included.
constexpr chrono::years kCalendar{400};

}  // namespace

bool Cron::matches(chrono::year_month_day day) const {
  if (!months_[static_cast<unsigned>(day.month())]) return false;
  const bool of_month = days_[static_cast<unsigned>(day.day())];
  const bool of_week = weekdays_[chrono::weekday(chrono::local_days(day)).c_encoding()];
  return either_day_ ? of_month || of_week : of_month && of_week;
}

bool Cron::matches(LocalMinutes time) const {
  const auto midnight = chrono::floor<chrono::days>(time);
  const chrono::hh_mm_ss clock(time - midnight);
  return matches(chrono::year_month_day(midnight)) &&
         hours_[static_cast<std::size_t>(clock.hours().count())] &&
         minutes_[static_cast<std::size_t>(clock.minutes().count())];
}

std::optional<chrono::local_days> Cron::next_day(chrono::local_days from) const {
  const chrono::local_days end = from + chrono::floor<chrono::days>(kCalendar) + chrono::days(1);
  chrono::local_days day = from;
  while (day <= end) {
    const chrono::year_month_day date(day);
    if (!date.ok()) return std::nullopt;
    if (matches(date)) return day;
    if (months_[static_cast<unsigned>(date.month())]) {
      day += chrono::days(1);
    } else {
      const auto following = chrono::year_month(date.year(), date.month()) + chrono::months(1);
      day = chrono::local_days(following / 1);
    }
  }
  return std::nullopt;
}

std::optional<LocalMinutes> Cron::next(LocalMinutes time) const {
  const LocalMinutes from = time + chrono::minutes(1);
  const auto first = chrono::floor<chrono::days>(from);
  for (auto day = next_day(first); day; day = next_day(*day + chrono::days(1))) {
    const chrono::minutes earliest = *day == first ? from - first : chrono::minutes(0);
    const chrono::hh_mm_ss clock(earliest);
    auto minute = static_cast<std::size_t>(clock.minutes().count());
    for (auto hour = static_cast<std::size_t>(clock.hours().count()); hour < hours_.size();
         ++hour, minute = 0) {
      while (hours_[hour] && minute < minutes_.size()) {
        if (minutes_[minute]) return *day + chrono::hours(hour) + chrono::minutes(minute);
        ++minute;
      }
    }
  }
  return std::nullopt;
}

}  // namespace pipeline::schedule
