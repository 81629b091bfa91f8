#include "pipelines/schedule/firing.h"

#include <set>

#include "tests/support/property.h"
#include "tests/unit/pipelines/schedule/local_time.h"

namespace pipeline::schedule {
namespace {

using model::MissedFirings;
using Texts = std::vector<std::string>;

Texts firings(const char* expression, const char* zone_name, const char* after,
              std::size_t count = 3) {
  Texts texts;
  const TimeZone at = zone(zone_name);
  for (const auto firing : next_firings(cron(expression), at, instant(after), count)) {
    texts.push_back(at.format_for_machines(firing));
  }
  return texts;
}

TEST(Firing, IsOfTheZonesClock) {
  EXPECT_EQ(firings("30 2 * * *", "Europe/Zurich", "2026-11-27 12:00"),
            (Texts{"2026-11-28T02:30:00+01:00", "2026-11-29T02:30:00+01:00",
                   "2026-11-30T02:30:00+01:00"}));
  EXPECT_EQ(firings("30 2 * * *", "UTC", "2026-11-27 12:00", 1),
            Texts{"2026-11-28T02:30:00+00:00"});
  EXPECT_EQ(firings("0 9 * * MON", "Asia/Kathmandu", "2026-11-27 12:00", 1),
            Texts{"2026-11-30T09:00:00+05:45"});
}

// Clocks go from 2:00 to 3:00 on 29 March 2026 in Zurich.
TEST(Firing, InAGapIsRightAfterIt) {
  EXPECT_EQ(firings("30 2 * * *", "Europe/Zurich", "2026-03-28 12:00", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}));
  EXPECT_EQ(firings("0,15,30 2,3 * * *", "Europe/Zurich", "2026-03-29 00:00", 3),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00",
                   "2026-03-29T03:30:00+02:00"}))
      << "what is due after the gap anyhow is not done twice";
  EXPECT_EQ(firings("30 2 8 3 *", "America/New_York", "2026-01-01 00:00", 1),
            Texts{"2026-03-08T03:00:00-04:00"});
  EXPECT_EQ(firings("15 2 * 10 *", "Australia/Lord_Howe", "2026-10-03 12:00", 1),
            Texts{"2026-10-04T02:30:00+11:00"})
      << "half an hour there";
}

// Clocks go from 3:00 back to 2:00 on 25 October 2026 in Zurich.
TEST(Firing, ShownTwiceIsTheFirstTime) {
  EXPECT_EQ(firings("30 2 * * *", "Europe/Zurich", "2026-10-24 12:00", 2),
            (Texts{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}));
  EXPECT_EQ(firings("*/20 * * * *", "Europe/Zurich", "2026-10-25 00:35", 3),
            (Texts{"2026-10-25T02:40:00+02:00", "2026-10-25T03:00:00+01:00",
                   "2026-10-25T03:20:00+01:00"}));
  EXPECT_EQ(firings("30 1 * * *", "America/New_York", "2026-10-31 12:00", 2),
            (Texts{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}));
  EXPECT_EQ(firings("45 1 * * *", "Australia/Lord_Howe", "2026-04-04 10:00", 2),
            (Texts{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}));
}

// In the hour that is shown a second time nothing is due that was due the first time.
TEST(Firing, InTheSecondHourWaitsForTheNext) {
  EXPECT_EQ(firings("* * * * *", "Europe/Zurich", "2026-10-25 01:10", 1),
            Texts{"2026-10-25T03:00:00+01:00"});
}

// The 30th of December 2011 was left out in Samoa.
TEST(Firing, OnADayThatDidNotExist) {
  EXPECT_EQ(firings("0 12 * * *", "Pacific/Apia", "2011-12-29 12:00", 3),
            (Texts{"2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00",
                   "2011-12-31T12:00:00+14:00"}));
}

TEST(Firing, ZonesHaveIanaNames) {
  for (const char* name :
       {"", "Zurich", "europe/zurich2", "/etc/passwd", "../etc/passwd", "posix/Europe/Zurich",
        "localtime", "Fixed/UTC+01:00:00", "zone.tab", "libc:UTC", "Europe"}) {
    EXPECT_FALSE(TimeZone::load(name)) << name;
  }
  for (const char* name : {"UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "Europe/Zurich"}) {
    EXPECT_TRUE(TimeZone::load(name)) << name;
  }
}

TEST(Firing, IsShownWithItsZone) {
  const TimeZone zurich = zone("Europe/Zurich");
  EXPECT_EQ(zurich.format(instant("2026-11-28 01:30")), "Sat 2026-11-28 02:30 CET");
  EXPECT_EQ(zurich.format(instant("2026-07-28 01:30")), "Tue 2026-07-28 03:30 CEST");
}

TEST(MadeUpFor, FollowsThePolicy) {
  const Cron daily = cron("@daily");
  const TimeZone utc = zone("UTC");
  const auto made_up = [&](MissedFirings policy, const char* now) {
    Texts texts;
    for (const auto at :
         made_up_for(policy, daily, utc, instant("2026-11-20 00:00"), instant(now), 3)) {
      texts.push_back(utc.format_for_machines(at).substr(0, 10));
    }
    return texts;
  };
  for (const auto policy : {MissedFirings::skip, MissedFirings::run_once, MissedFirings::run_all}) {
    EXPECT_EQ(made_up(policy, "2026-11-20 23:59"), Texts()) << "nothing was missed";
  }
  EXPECT_EQ(made_up(MissedFirings::skip, "2026-11-22 12:00"), Texts());
  EXPECT_EQ(made_up(MissedFirings::run_once, "2026-11-22 12:00"), Texts{"2026-11-22"});
  EXPECT_EQ(made_up(MissedFirings::run_all, "2026-11-22 12:00"),
            (Texts{"2026-11-21", "2026-11-22"}));
  EXPECT_EQ(made_up(MissedFirings::run_all, "2026-11-27 00:00"),
            (Texts{"2026-11-25", "2026-11-26", "2026-11-27"}))
      << "the newest, as many as one may make up for";
}

// ---- against a walk over every minute ---------------------------------------------------------

rc::Gen<std::string> number(int first, int last) {
  return rc::gen::map(rc::gen::inRange(first, last + 1), [](int n) { return std::to_string(n); });
}

rc::Gen<std::string> field(int first, int last) {
  const auto range = rc::gen::map(
      rc::gen::pair(rc::gen::inRange(first, last + 1), rc::gen::inRange(first, last + 1)),
      [](const std::pair<int, int>& ends) {
        return std::to_string(std::min(ends.first, ends.second)) + "-" +
               std::to_string(std::max(ends.first, ends.second));
      });
  const auto stepped =
      rc::gen::map(rc::gen::inRange(1, last), [](int step) { return "*/" + std::to_string(step); });
  const auto several =
      rc::gen::map(rc::gen::pair(number(first, last), number(first, last)),
                   [](const auto& both) { return both.first + "," + both.second; });
  return rc::gen::weightedOneOf<std::string>({{3, rc::gen::just(std::string("*"))},
                                              {2, number(first, last)},
                                              {1, range},
                                              {1, stepped},
                                              {1, several}});
}

// The instant of every minute from `begin` on at which something is due, the slow way: a minute of
// local time is due when clocks come to it for the first time, or jump over it.
std::set<base::TimePoint> walk(const Cron& cron, const TimeZone& zone, base::TimePoint begin,
                               base::TimePoint end) {
  constexpr std::chrono::minutes kMinute(1);
  std::set<base::TimePoint> due;
  // Long enough before to know what clocks have shown already.
  base::TimePoint at = begin - std::chrono::hours(24);
  LocalMinutes latest = zone.local(at);
  for (; at <= end; at += kMinute) {
    for (const LocalMinutes now = zone.local(at); latest < now;) {
      latest += kMinute;
      if (at > begin && cron.matches(latest)) due.insert(at);
    }
  }
  return due;
}

RC_GTEST_PROP(Firing, AgreesWithAWalkOverEveryMinute, ()) {
  struct Change {
    const char* zone;
    const char* around;
  };
  const auto change =
      *rc::gen::elementOf(std::vector<Change>{{"Europe/Zurich", "2026-03-29 01:00"},
                                              {"Europe/Zurich", "2026-10-25 01:00"},
                                              {"America/New_York", "2026-03-08 07:00"},
                                              {"America/New_York", "2026-11-01 06:00"},
                                              {"Australia/Lord_Howe", "2026-10-03 15:30"},
                                              {"Australia/Lord_Howe", "2026-04-04 15:00"},
                                              {"Pacific/Apia", "2011-12-30 10:00"},
                                              {"UTC", "2028-02-29 00:00"}});
  const std::string expression = *field(0, 59) + " " + *field(0, 23) + " " + *field(1, 31) + " " +
                                 *rc::gen::element<std::string>("*", "*/2", "1-6", "2,12") + " " +
                                 *field(0, 7);
  const auto parsed = Cron::parse(expression);
  RC_PRE(parsed.has_value());
  const TimeZone where = zone(change.zone);
  const base::TimePoint begin =
      instant(change.around) - std::chrono::minutes(*rc::gen::inRange(0, 48 * 60));
  const base::TimePoint end = begin + std::chrono::hours(72);
  std::set<base::TimePoint> found;
  for (auto at = next_firing(*parsed, where, begin); at && *at <= end;
       at = next_firing(*parsed, where, *at)) {
    found.insert(*at);
  }
  RC_ASSERT(found == walk(*parsed, where, begin, end));
}

}  // namespace
}  // namespace pipeline::schedule
