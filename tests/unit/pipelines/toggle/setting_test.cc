#include "pipelines/toggle/setting.h"

#include "pipelines/toggle/evaluate.h"
#include "pipelines/toggle/flag_file.h"
#include "tests/support/property.h"

namespace pipeline::toggle {
namespace {

const base::TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29);

FlagSet flags() {
  auto read = read_flags(R"({"flags": {
    "dark": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
             "targeting": {"if": [{"in": [{"var": "email"}, ["a@b"]]}, "yes"]}},
    "idle": {"state": "DISABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
    "theme": {"state": "ENABLED", "variants": {"blue": "#00f", "off": "#000"},
              "defaultVariant": "blue"}}})");
  EXPECT_TRUE(read) << read.error().to_string();
  return read.value_or(FlagSet{});
}

Evaluation with(const std::string& key, const std::string& value,
                const boost::json::object& context = {}) {
  return evaluate(with_settings(flags(), {{key, {value, "ann", kNow}}}), key, context, kNow);
}

TEST(Setting, HoldsForEverybodyWhateverTheFileSays) {
  EXPECT_EQ(with("dark", "off", {{"email", "a@b"}}).variant, "no");
  EXPECT_EQ(with("dark", "on").variant, "yes");
  EXPECT_EQ(with("dark", "yes").reason, Reason::fixed);
  EXPECT_EQ(with("idle", "off").value, boost::json::value(false));
  EXPECT_EQ(with("theme", "off").value, boost::json::value("#000"));
}

TEST(Setting, LeavesTheOthersAlone) {
  const auto set = with_settings(flags(), {{"dark", {"on", "ann", kNow}}});
  EXPECT_EQ(evaluate(set, "theme", {}, kNow).variant, "blue");
  EXPECT_EQ(evaluate(set, "idle", {}, kNow).reason, Reason::disabled);
}

// A release came that knows the variant no more.
TEST(Setting, OfAVariantThatIsGoneDisables) {
  EXPECT_EQ(with("theme", "on").reason, Reason::disabled);
  EXPECT_EQ(with("dark", "green", {{"email", "a@b"}}).reason, Reason::disabled);
}

TEST(Setting, OfAFlagThatIsGoneDoesNothing) {
  EXPECT_EQ(with("gone", "off").error->code, EvaluationErrorCode::flag_not_found);
}

TEST(Setting, MeansTheVariantOfThatNameFirst) {
  Flag flag;
  flag.variants = {{"a", false}, {"off", true}};
  EXPECT_EQ(variant_meant(flag, "off"), "off");
  flag.variants = {{"a", false}, {"b", true}};
  EXPECT_EQ(variant_meant(flag, "off"), "a");
  EXPECT_EQ(variant_meant(flag, "on"), "b");
  EXPECT_EQ(variant_meant(flag, "false"), std::nullopt);
}

RC_GTEST_PROP(Setting, OffIsOffForWhomeverItIs, (const std::string& user)) {
  const auto evaluation =
      with("dark", "off", {{"targetingKey", user}, {"email", *rc::gen::element("a@b", "c@d")}});
  RC_ASSERT(evaluation.value == boost::json::value(false));
}

}  // namespace
}  // namespace pipeline::toggle
