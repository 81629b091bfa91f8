// Local times and instants as tests write them: "2012-07-09 15:00".
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "pipelines/schedule/cron.h"
#include "pipelines/schedule/time_zone.h"

namespace pipeline::schedule {

inline LocalMinutes local(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0;
  const int read = std::sscanf(text.c_str(), "%d-%u-%u %u:%u", &year, &month, &day, &hour, &minute);
  EXPECT_EQ(read, 5) << text;
  return std::chrono::local_days(std::chrono::year(year) / static_cast<int>(month) /
                                 static_cast<int>(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

inline std::string text_of(LocalMinutes time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::string text(64, '\0');
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// UTC.
inline base::TimePoint instant(const std::string& text) {
  return base::TimePoint(local(text).time_since_epoch());
}

inline TimeZone zone(const std::string& name) {
  auto loaded = TimeZone::load(name);
  EXPECT_TRUE(loaded) << name;
  return *loaded;
}

inline Cron cron(const std::string& text) {
  auto parsed = Cron::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().what;
  return *parsed;
}

}  // namespace pipeline::schedule
