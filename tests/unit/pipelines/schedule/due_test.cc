#include "pipelines/schedule/due.h"

#include <map>

#include "tests/unit/pipelines/schedule/local_time.h"

namespace pipeline::schedule {
namespace {

using base::TimePoint;
using model::MissedFirings;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kMost = 10;

std::vector<TimePoint> due_of(const char* expression, MissedFirings policy, const char* last,
                              const char* watched_since, const char* now) {
  const Cron schedule = cron(expression);
  const TimeZone utc = zone("UTC");
  return due({schedule, utc, policy, instant(last)}, instant(watched_since), instant(now), kMost);
}

TEST(Due, OnTimeWhateverThePolicy) {
  for (const auto policy : {MissedFirings::skip, MissedFirings::run_once, MissedFirings::run_all}) {
    EXPECT_EQ(due_of("@daily", policy, "2026-11-20 00:00", "2026-11-20 12:00", "2026-11-21 00:00"),
              std::vector{instant("2026-11-21 00:00")});
    EXPECT_TRUE(due_of("@daily", policy, "2026-11-21 00:00", "2026-11-20 12:00", "2026-11-21 00:01")
                    .empty());
  }
}

TEST(Due, WhatFellIntoABreakIsThePolicys) {
  const auto count = [](MissedFirings policy) {
    return due_of("@daily", policy, "2026-11-20 00:00", "2026-11-23 12:00", "2026-11-24 00:00")
        .size();
  };
  EXPECT_EQ(count(MissedFirings::skip), 1U) << "the one after the break";
  EXPECT_EQ(count(MissedFirings::run_once), 2U) << "and one for the three in it";
  EXPECT_EQ(count(MissedFirings::run_all), 4U);
}

TEST(Due, NothingWhileTheClockIsBehind) {
  EXPECT_TRUE(due_of("@hourly", MissedFirings::run_all, "2026-11-20 12:00", "2026-11-20 11:00",
                     "2026-11-20 11:30")
                  .empty());
}

TEST(Watch, BreaksAreTheStartALongPauseAndAClockSetBack) {
  Watch watch;
  const TimePoint start = instant("2026-11-20 12:00");
  EXPECT_EQ(watch.look(start), start);
  EXPECT_EQ(watch.look(start + minutes(5)), start);
  EXPECT_EQ(watch.look(start + minutes(10)), start);
  EXPECT_EQ(watch.look(start + hours(8)), start + hours(8)) << "the machine slept";
  EXPECT_EQ(watch.look(start + hours(8) + minutes(1)), start + hours(8));
  EXPECT_EQ(watch.look(start + hours(7)), start + hours(7)) << "the clock was set back";
}

// A server that looks every five minutes for ten years, but for a break of some hours each month,
// with its clock in three zones: every day of the local calendar has its firing, once, at the time
// that it asks for or, where there was a break or a gap, at the first look after it.
class TenYears : public testing::TestWithParam<const char*> {};

TEST_P(TenYears, EachLocalDayFiresOnce) {
  const TimeZone here = zone(GetParam());
  const Cron nightly = cron("30 2 * * *");
  TimePoint last = instant("2020-01-01 00:00");
  const TimePoint end = instant("2030-01-01 00:00");
  Watch watch;
  std::map<std::string, int> fired;  // by local date
  for (TimePoint now = last; now < end;) {
    const TimePoint since = watch.look(now);
    for (const TimePoint at :
         due({nightly, here, MissedFirings::run_all, last}, since, now, kMost)) {
      ASSERT_GT(at, last) << "none twice, and in order";
      ASSERT_LE(at, now);
      if (at > since) {
        ASSERT_LT(now - at, minutes(5)) << "on time";
      }
      ++fired[here.format_for_machines(at).substr(0, 10)];
      last = at;
    }
    const bool is_break = here.format_for_machines(now).substr(8, 8) == "15T01:00";
    now += is_break ? TimePoint::duration(hours(30)) : minutes(5);
  }
  constexpr std::size_t kDays = 3653;
  EXPECT_GE(fired.size() + 1, kDays);
  EXPECT_LE(fired.size(), kDays + 1);
  for (const auto& [date, times] : fired) EXPECT_EQ(times, 1) << date;
}

INSTANTIATE_TEST_SUITE_P(Zones, TenYears,
                         testing::Values("Europe/Zurich", "America/New_York",
                                         "Australia/Lord_Howe"));

}  // namespace
}  // namespace pipeline::schedule
