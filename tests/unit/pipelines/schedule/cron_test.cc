#include "pipelines/schedule/cron.h"

#include "tests/unit/pipelines/schedule/local_time.h"

namespace pipeline::schedule {
namespace {

struct Match {
  const char* time;
  const char* cron;
  bool expected;
};

// Facts from TestActivation in spec_test.go of robfig/cron (MIT licence), without its field of
// seconds, and with `N/step` spelled as a range, which cron(8) asks for.
constexpr Match kMatches[] = {
    {"2012-07-09 15:00", "0-59/15 * * * *", true},  {"2012-07-09 15:45", "0-59/15 * * * *", true},
    {"2012-07-09 15:40", "0-59/15 * * * *", false}, {"2012-07-09 15:05", "5-59/15 * * * *", true},
    {"2012-07-09 15:20", "5-59/15 * * * *", true},  {"2012-07-09 15:50", "5-59/15 * * * *", true},
    {"2012-07-15 15:00", "*/15 * * Jul *", true},   {"2012-07-15 15:00", "*/15 * * Jun *", false},
    {"2012-07-15 08:30", "30 08 * Jul Sun", true},  {"2012-07-15 08:30", "30 08 15 Jul *", true},
    {"2012-07-16 08:30", "30 08 * Jul Sun", false}, {"2012-07-16 08:30", "30 08 15 Jul *", false},
    {"2012-07-09 15:00", "@hourly", true},          {"2012-07-09 15:04", "@hourly", false},
    {"2012-07-09 15:00", "@daily", false},          {"2012-07-09 00:00", "@daily", true},
    {"2012-07-09 00:00", "@weekly", false},         {"2012-07-08 00:00", "@weekly", true},
    {"2012-07-08 01:00", "@weekly", false},         {"2012-07-08 00:00", "@monthly", false},
    {"2012-07-01 00:00", "@monthly", true},         {"2012-07-15 00:00", "* * 1,15 * Sun", true},
    {"2012-06-15 00:00", "* * 1,15 * Sun", true},   {"2012-08-01 00:00", "* * 1,15 * Sun", true},
    {"2012-07-15 00:00", "* * * * Mon", false},     {"2012-07-15 00:00", "* * */10 * Sun", false},
    {"2012-07-09 00:00", "* * 1,15 * *", false},    {"2012-07-15 00:00", "* * 1,15 * *", true},
    {"2012-07-15 00:00", "* * */2 * Sun", true},
};

TEST(Cron, MatchesAsOthersDo) {
  for (const Match& one : kMatches) {
    EXPECT_EQ(cron(one.cron).matches(local(one.time)), one.expected) << one.time << " " << one.cron;
  }
}

struct Next {
  const char* time;
  const char* cron;
  const char* expected;
};

// Facts from TestNext there.
constexpr Next kNext[] = {
    {"2012-07-09 14:45", "*/15 * * * *", "2012-07-09 15:00"},
    {"2012-07-09 14:59", "*/15 * * * *", "2012-07-09 15:00"},
    {"2012-07-09 15:45", "20-35/15 * * * *", "2012-07-09 16:20"},
    {"2012-07-09 23:46", "*/15 * * * *", "2012-07-10 00:00"},
    {"2012-07-09 23:45", "20-35/15 * * * *", "2012-07-10 00:20"},
    {"2012-07-09 23:35", "20-35/15 1-23/2 * * *", "2012-07-10 01:20"},
    {"2012-07-09 23:35", "20-35/15 10-12 * * *", "2012-07-10 10:20"},
    {"2012-07-09 23:35", "20-35/15 1-23/2 */2 * *", "2012-07-11 01:20"},
    {"2012-07-09 23:35", "20-35/15 * 9-20 * *", "2012-07-10 00:20"},
    {"2012-07-09 23:35", "20-35/15 * 9-20 Jul *", "2012-07-10 00:20"},
    {"2012-07-09 23:35", "0 0 9 Apr-Oct *", "2012-08-09 00:00"},
    {"2012-07-09 23:35", "0 0 */5 Apr,Aug,Oct Mon", "2012-08-06 00:00"},
    {"2012-07-09 23:35", "0 0 */5 Oct Mon", "2012-10-01 00:00"},
    {"2012-07-09 23:35", "0 0 * Feb Mon", "2013-02-04 00:00"},
    {"2012-07-09 23:35", "0 0 * Feb Mon-Sun/2", "2013-02-01 00:00"},
    {"2012-12-31 23:59", "* * * * *", "2013-01-01 00:00"},
    {"2012-07-09 23:35", "0 0 29 Feb *", "2016-02-29 00:00"},
};

TEST(Cron, FindsTheNextAsOthersDo) {
  for (const Next& one : kNext) {
    const auto next = cron(one.cron).next(local(one.time));
    ASSERT_TRUE(next) << one.cron;
    EXPECT_EQ(text_of(*next), one.expected) << one.time << " " << one.cron;
  }
}

TEST(Cron, KnowsTheRareDays) {
  EXPECT_EQ(text_of(*cron("0 0 29 2 *").next(local("2096-03-01 00:00"))), "2104-02-29 00:00")
      << "2100 is no leap year";
  EXPECT_EQ(text_of(*cron("0 0 29 2 */7").next(local("2026-01-01 00:00"))), "2032-02-29 00:00")
      << "the first that is a Sunday";
  EXPECT_EQ(text_of(*cron("59 23 31 12 *").next(local("2026-12-31 23:59"))), "2027-12-31 23:59");
}

TEST(Cron, CountsSundayTwice) {
  for (const char* text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * SUN", "0 0 * * sun", "0 0 * * 7-7"}) {
    EXPECT_EQ(text_of(*cron(text).next(local("2026-11-27 00:00"))), "2026-11-29 00:00") << text;
  }
  EXPECT_EQ(text_of(*cron("0 0 * * FRI-SUN").next(local("2026-11-28 12:00"))), "2026-11-29 00:00");
  EXPECT_EQ(text_of(*cron("0 0 * * SUN-TUE").next(local("2026-11-29 12:00"))), "2026-11-30 00:00");
}

TEST(Cron, ReadsSpacesAndTabs) {
  EXPECT_TRUE(cron("  0\t0   1 1 *  ").matches(local("2026-01-01 00:00")));
}

struct Wrong {
  const char* cron;
  const char* marked;  // the part that the mistake points at
  const char* what;
};

constexpr Wrong kWrong[] = {
    {"", "", "a cron expression has five fields, not 0"},
    {"* * * *", "", "a cron expression has five fields, not 4"},
    {"0 * * * * *", "", "a cron expression has five fields, not six: there are no seconds"},
    {"60 * * * *", "60", "\"60\" is no minute"},
    {"* 24 * * *", "24", "\"24\" is no hour"},
    {"* * 0 * *", "0", "\"0\" is no day of the month"},
    {"* * * 13 *", "13", "\"13\" is no month"},
    {"* * * * 8", "8", "\"8\" is no day of the week"},
    {"* * * APRIL *", "APRIL", "\"APRIL\" is no month"},
    {"-5 * * * *", "-5", "\"-5\" is no minute"},
    {"5- * * * *", "5-", "\"\" is no minute"},
    {"*/0 * * * *", "*/0", "\"0\" is no step: expected a number above zero"},
    {"*/ * * * *", "*/", "\"\" is no step: expected a number above zero"},
    {"5/15 * * * *", "5/15", "a step needs a range or \"*\" before it"},
    {"30-10 * * * *", "30-10", "the range \"30-10\" ends before it begins"},
    {"1,,2 * * * *", "1,,2", "the minute has a comma with nothing beside it"},
    {"1, * * * *", "1,", "the minute has a comma with nothing beside it"},
    {"0 0 L * *", "L",
     "\"L\" (the last of a month) is not supported: a field has numbers, names, ranges, lists and "
     "steps"},
    {"0 0 15W * *", "15W",
     "\"W\" (the nearest working day) is not supported: a field has numbers, names, ranges, lists "
     "and steps"},
    {"0 0 * * 5#3", "5#3",
     "\"#\" (the n-th weekday of a month) is not supported: a field has numbers, names, ranges, "
     "lists and steps"},
    {"0 0 ? * 1", "?",
     "\"?\" (no value; write \"*\") is not supported: a field has numbers, names, ranges, lists "
     "and steps"},
    {"0 0 30 2 *", "", "no year has such a day: it would never start anything"},
    {"0 0 31 4,6,9,11 *", "", "no year has such a day: it would never start anything"},
    {"@dayly", "@dayly", "there is no @dayly"},
    {"@daily 5", "5", "\"5\" is too much"},
    {"@every 5m", "", "@every is not supported: it would depend on when it was first seen"},
    {"@reboot", "@reboot", "there is no @reboot"},
};

TEST(Cron, SaysWhatIsWrongAndWhere) {
  for (const Wrong& one : kWrong) {
    const auto parsed = Cron::parse(one.cron);
    ASSERT_FALSE(parsed) << one.cron;
    const CronMistake& mistake = parsed.error();
    EXPECT_EQ(mistake.what, one.what) << one.cron;
    EXPECT_EQ(std::string_view(one.cron).substr(mistake.at, mistake.length), one.marked)
        << one.cron;
  }
}

TEST(Cron, SaysHowToWriteItInstead) {
  EXPECT_EQ(Cron::parse("5/15 * * * *").error().hint, "write \"5-59/15\"");
  EXPECT_EQ(Cron::parse("@dayly").error().hint, "did you mean \"@daily\"?");
  EXPECT_EQ(Cron::parse("* * * * MONDAY").error().hint,
            "expected a number from 0 to 7, or a name from SUN to SAT");
}

TEST(Cron, RefusesWhatIsEndless) {
  EXPECT_FALSE(Cron::parse(std::string(10'000, '1')));
}

}  // namespace
}  // namespace pipeline::schedule
