#include "pipelines/toggle/flag_file.h"

#include "pipelines/toggle/expiry.h"

namespace pipeline::toggle {
namespace {

std::string flags(std::string_view flag) {
  return R"({"flags":{"f":)" + std::string(flag) + "}}";
}

std::string error_of(std::string_view text) {
  const auto read = read_flags(text);
  return read ? "" : read.error().to_string();
}

base::TimePoint utc(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year_month_day{
      std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)});
}

TEST(FlagFile, ReadsAFlagWithAllItHas) {
  const auto read = read_flags(R"({
    "$schema": "https://flagd.dev/schema/v0/flags.json",
    "metadata": {"owner": "shop", "flagSetId": "s1"},
    "$evaluators": {"staff": {"ends_with": [{"var": "email"}, "@example.org"]}},
    "flags": {
      "new-checkout": {
        "state": "ENABLED",
        "variants": {"on": true, "off": false},
        "defaultVariant": "off",
        "targeting": {"if": [{"$ref": "staff"}, "on", null]},
        "metadata": {"owner": "checkout", "expiry": "2027-01-31"}
      },
      "old": {"state": "DISABLED", "variants": {"a": 1, "b": 2.5}, "defaultVariant": null}
    }
  })");
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->flags.size(), 2U);
  const Flag& flag = *read->find("new-checkout");
  EXPECT_EQ(flag.state, FlagState::enabled);
  EXPECT_EQ(flag.default_variant, "off");
  EXPECT_TRUE(flag.targeting);
  EXPECT_EQ(flag.owner, "checkout");
  EXPECT_EQ(flag.expiry, utc(2027, 2, 1));
  EXPECT_EQ(flag.metadata.at("flagSetId"), "s1");
  const Flag& old = *read->find("old");
  EXPECT_EQ(old.state, FlagState::disabled);
  EXPECT_EQ(old.default_variant, std::nullopt);
  EXPECT_EQ(old.owner, "shop") << "metadata of the set holds for each flag";
  EXPECT_EQ(read->find("older"), nullptr);
  EXPECT_TRUE(read->evaluators.contains("staff"));
}

TEST(FlagFile, SaysWhichFlagIsWrongAndWhy) {
  const std::string on_off = R"("state":"ENABLED","variants":{"on":true,"off":false})";
  const std::pair<std::string, std::string> cases[] = {
      {"", "the flag file is not valid JSON: incomplete JSON"},
      {"[]", "the flag file is not a JSON object"},
      {"{}", "the flag file has no object named \"flags\""},
      {R"({"flags":[]})", "the flag file has no object named \"flags\""},
      {R"({"flags":{},"$evaluators":{"e":{"bad":1}}})",
       "failed to read the evaluator e: unknown operator \"bad\""},
      {R"({"flags":{"a b":{}}})",
       "failed to read the flag a b: its key has characters outside A-Z a-z 0-9 . _ -"},
      {flags("1"), "failed to read the flag f: it is not an object"},
      {flags("{}"), R"(failed to read the flag f: "state" is neither "ENABLED" nor "DISABLED")"},
      {flags(R"({"state":"ENABLED"})"),
       "failed to read the flag f: \"variants\" is not an object with at least one variant"},
      {flags(R"({"state":"ENABLED","variants":{}})"),
       "failed to read the flag f: \"variants\" is not an object with at least one variant"},
      {flags(R"({"state":"ENABLED","variants":{"a":1,"b":"1"}})"),
       "failed to read the flag f: \"variants\" are of different types"},
      {flags(R"({"state":"ENABLED","variants":{"a":null}})"),
       "failed to read the flag f: variant \"a\" is neither a boolean, a string, a number nor an "
       "object"},
      {flags("{" + on_off + R"(,"defaultVariant":"of"})"),
       "failed to read the flag f: its default variant \"of\" does not exist"},
      {flags("{" + on_off + R"(,"defaultVariant":1})"),
       "failed to read the flag f: \"defaultVariant\" is not a string"},
      {flags("{" + on_off + R"(,"targeting":"on"})"),
       "failed to read the flag f: \"targeting\" is not an object"},
      {flags("{" + on_off + R"(,"targeting":{"if":[],"or":[]}})"),
       "failed to read the flag f: \"targeting\" has more than one operator"},
      {flags("{" + on_off + R"(,"targeting":{"fi":[]}})"),
       "failed to read the flag f: failed to read its targeting: unknown operator \"fi\""},
      {flags("{" + on_off + R"(,"metadata":{"owner":7}})"),
       "failed to read the flag f: \"metadata.owner\" is not a string"},
      {flags("{" + on_off + R"(,"metadata":{"expiry":"soon"}})"),
       "failed to read the flag f: \"soon\" is neither a date (2027-01-31) nor a UTC time "
       "(2027-01-31T12:00:00Z)"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(error_of(text), expected) << text;
}

TEST(FlagFile, RefusesHostileBytes) {
  EXPECT_NE(error_of(std::string((1U << 20U) + 1, ' ')), "");
  EXPECT_NE(error_of(std::string(100'000, '[')), "");
  EXPECT_NE(error_of(std::string("\0", 1)), "");
  std::string nested = "1";
  for (int i = 0; i < 60; ++i) nested.insert(0, R"({"!":[)").append("]}");
  EXPECT_NE(error_of(flags(R"({"state":"ENABLED","variants":{"a":1},"targeting":)" + nested + "}")),
            "");
}

TEST(Expiry, ReadsDatesAndTimes) {
  using std::chrono::hours;
  using std::chrono::seconds;
  EXPECT_EQ(parse_expiry("2024-02-29"), utc(2024, 3, 1));
  EXPECT_EQ(parse_expiry("2027-01-31T12:00:05Z"), utc(2027, 1, 31) + hours(12) + seconds(5));
  for (const auto* text :
       {"", "2027", "2027-02-29", "2027-13-01", "2027/01/31", "2027-1-31 ", "2027-01-31T24:00:00Z",
        "2027-01-31T12:00:00+", "2027-01-31 12:00:00Z", "2027-01-31T12:60:00Z", "-027-01-31"}) {
    EXPECT_FALSE(parse_expiry(text)) << text;
  }
}

}  // namespace
}  // namespace pipeline::toggle
