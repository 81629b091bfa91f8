#include "pipelines/toggle/off_gate.h"

#include "pipelines/toggle/flag_file.h"

namespace pipeline::toggle {
namespace {

using testing::ElementsAre;

const base::TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

// A boolean flag with an owner and an expiry; `more` overrides or adds.
FlagSet one_flag(const std::string& more,
                 const std::string& metadata = R"({"owner":"shop","expiry":"2027-01-31"})") {
  auto flags = read_flags(R"({"flags":{"dark":{"variants":{"on":true,"off":false},"metadata":)" +
                          metadata + "," + more + "}}}");
  EXPECT_TRUE(flags) << flags.error().to_string();
  return flags.value_or(FlagSet{});
}

std::string finding(const FlagSet& flags, bool expected) {
  const auto decision = decide_off(flags, {"dark"}, kNow);
  EXPECT_EQ(decision.passed, expected);
  return decision.findings.at(0);
}

const std::string kOff = R"("state":"ENABLED","defaultVariant":"off")";

TEST(OffGate, PassesWhatIsOffForEveryUnlistedUser) {
  EXPECT_EQ(finding(one_flag(kOff), true), "toggle dark is off");
  EXPECT_EQ(
      finding(one_flag(kOff + R"(,"targeting":{"if":[{"in":[{"var":"email"},["a@b"]]},"on"]})"),
              true),
      "toggle dark is off")
      << "listed users may have it";
  EXPECT_TRUE(decide_off({}, {}, kNow).passed);
}

TEST(OffGate, EvaluatesInsteadOfReadingTheDefault) {
  EXPECT_EQ(finding(one_flag(R"("state":"ENABLED","defaultVariant":"on")"), false),
            "toggle dark evaluates to \"on\" for a user whom no rule lists");
  EXPECT_EQ(
      finding(one_flag(kOff + R"(,"targeting":{"if":[{"!=":[{"var":"country"},"CH"]},"on"]})"),
              false),
      "toggle dark evaluates to \"on\" for a user whom no rule lists");
  // On by default, off by its rule: what counts is what a user gets.
  EXPECT_EQ(finding(one_flag(R"("state":"ENABLED","defaultVariant":"on",
                               "targeting":{"if":[true,"off"]})"),
                    true),
            "toggle dark is off");
}

TEST(OffGate, FindsASmallFraction) {
  const auto reason =
      finding(one_flag(kOff + R"(,"targeting":{"fractional":[["on",1],["off",99]]})"), false);
  EXPECT_THAT(reason,
              testing::MatchesRegex("toggle dark evaluates to \"on\" for a user whom no rule lists "
                                    "\\([0-9]+ of 4096 sampled users\\)"));
  EXPECT_EQ(finding(one_flag(kOff + R"(,"targeting":{"fractional":[["on",0],["off",1]]})"), true),
            "toggle dark is off");
}

TEST(OffGate, OffIsAlsoAVariantOfThatName) {
  const auto flags = read_flags(R"({"flags":{"dark":{"state":"ENABLED","defaultVariant":"off",
      "variants":{"off":"classic","on":"new"},"metadata":{"owner":"a","expiry":"2027-01-31"}}}})");
  EXPECT_EQ(finding(*flags, true), "toggle dark is off");
}

TEST(OffGate, WantsAnOwnerAndAFutureExpiry) {
  EXPECT_EQ(finding({}, false), "toggle dark does not exist in the flag file");
  EXPECT_EQ(finding(one_flag(kOff, R"({"expiry":"2027-01-31"})"), false),
            "toggle dark has no owner (metadata.owner)");
  EXPECT_EQ(finding(one_flag(kOff, R"({"owner":"shop"})"), false),
            "toggle dark has no expiry (metadata.expiry)");
  EXPECT_EQ(finding(one_flag(kOff, R"({"owner":"shop","expiry":"2026-11-22"})"), false),
            "toggle dark has passed its expiry; remove the toggle or extend it");
  EXPECT_EQ(finding(one_flag(kOff, R"({"owner":"shop","expiry":"2026-11-23"})"), true),
            "toggle dark is off")
      << "a date lasts until the end of its day";
}

TEST(OffGate, DoesNotPassWhatItCannotSee) {
  EXPECT_EQ(
      finding(one_flag(R"("state":"DISABLED","defaultVariant":"off")"), false),
      "toggle dark is disabled, so the program's own default decides; enable it with \"off\" as "
      "its default variant");
  EXPECT_EQ(finding(one_flag(R"("state":"ENABLED","defaultVariant":null)"), false),
            "toggle dark has no default variant, so the program's own default decides");
  EXPECT_EQ(finding(one_flag(kOff + R"(,"targeting":{"$ref":"gone"})"), false),
            "toggle dark cannot be evaluated: no evaluator is named \"gone\"");
}

TEST(OffGate, ReportsEveryKey) {
  const auto decision = decide_off(one_flag(kOff), {"dark", "gone"}, kNow);
  EXPECT_FALSE(decision.passed);
  EXPECT_THAT(decision.findings,
              ElementsAre("toggle dark is off", "toggle gone does not exist in the flag file"));
}

}  // namespace
}  // namespace pipeline::toggle
