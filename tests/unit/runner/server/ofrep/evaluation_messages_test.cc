#include "runner/server/ofrep/evaluation_messages.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/toggle/flag_file.h"
#include "tests/support/property.h"

namespace pipeline::ofrep {
namespace {

namespace json = boost::json;

const base::TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29);

const toggle::FlagSet& flags() {
  static const auto read = toggle::read_flags(R"({"flags": {
    "broken": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a",
               "targeting": {"$ref": "gone"}},
    "dark": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
             "targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on"]},
             "metadata": {"owner": "shop", "links": ["x"], "weight": 1.5, "extra": null}},
    "idle": {"state": "DISABLED", "variants": {"a": 1}, "defaultVariant": "a"},
    "none": {"state": "ENABLED", "variants": {"a": 1}},
    "price": {"state": "ENABLED", "variants": {"a": {"chf": 3}}, "defaultVariant": "a"},
    "split": {"state": "ENABLED", "variants": {"on": "1", "off": "0"}, "defaultVariant": "off",
              "targeting": {"fractional": [["on", 50], ["off", 50]]}}}})");
  return read.value();
}

std::string answer(const std::string& key, const json::object& context = {}) {
  const Answer answer = evaluate_one(flags(), key, context, kNow);
  return std::to_string(answer.status) + " " + json::serialize(answer.body);
}

std::string refusal(std::string_view body) {
  const auto context = context_in(body);
  if (context) return "none";
  return std::to_string(context.error().status) + " " + std::string(context.error().code);
}

TEST(EvaluationMessages, AnswersAsTheProtocolSays) {
  EXPECT_EQ(answer("price"),
            R"(200 {"key":"price","reason":"STATIC","value":{"chf":3},"variant":"a"})");
  EXPECT_EQ(answer("dark", {{"plan", "pro"}}),
            R"(200 {"key":"dark","reason":"TARGETING_MATCH","value":true,"variant":"on",)"
            R"("metadata":{"owner":"shop","weight":1.5E0}})")
      << "metadata that OpenFeature has no type for is left out";
  EXPECT_EQ(answer("split", {{"targetingKey", "ann"}}),
            R"(200 {"key":"split","reason":"TARGETING_MATCH","value":"0","variant":"off"})");
}

TEST(EvaluationMessages, LeavesTheValueOutWhereTheProgramsOwnDecides) {
  EXPECT_EQ(answer("idle"), R"(200 {"key":"idle","reason":"DISABLED"})");
  EXPECT_EQ(answer("none"), R"(200 {"key":"none","reason":"DEFAULT"})");
}

TEST(EvaluationMessages, RefusesInTheWordsOfTheProtocol) {
  EXPECT_EQ(answer("gone"), R"(404 {"key":"gone","errorCode":"FLAG_NOT_FOUND",)"
                            R"("errorDetails":"no flag is named \"gone\""})");
  EXPECT_EQ(answer("broken"), R"(400 {"key":"broken","errorCode":"PARSE_ERROR",)"
                              R"("errorDetails":"no evaluator is named \"gone\""})");
  EXPECT_EQ(answer("split"),
            R"(400 {"key":"split","errorCode":"TARGETING_KEY_MISSING",)"
            R"("errorDetails":"the flag tells users apart by their targetingKey"})");
}

TEST(EvaluationMessages, EvaluatesAllFlagsEachForItself) {
  const json::array all = evaluate_all(flags(), {{"plan", "pro"}}, kNow);
  ASSERT_EQ(all.size(), flags().flags.size());
  EXPECT_EQ(all.at(0).at("errorCode"), "PARSE_ERROR");
  EXPECT_EQ(all.at(1).at("value"), json::value(true));
  EXPECT_EQ(all.at(5).at("errorCode"), "TARGETING_KEY_MISSING");
}

TEST(EvaluationMessages, TakesAContextOrSaysWhatIsWrongWithIt) {
  EXPECT_EQ(context_in(R"({"context": {"targetingKey": "ann"}})")->at("targetingKey"), "ann");
  EXPECT_TRUE(context_in(R"({"context": {}})")->empty());
  EXPECT_EQ(refusal(""), "400 PARSE_ERROR");
  EXPECT_EQ(refusal("{\"context\": {}"), "400 PARSE_ERROR");
  EXPECT_EQ(refusal("\xff"), "400 PARSE_ERROR");
  EXPECT_EQ(refusal(std::string(40, '[') + std::string(40, ']')), "400 PARSE_ERROR");
  EXPECT_EQ(refusal("[]"), "400 INVALID_CONTEXT");
  EXPECT_EQ(refusal("{}"), "400 INVALID_CONTEXT");
  EXPECT_EQ(refusal(R"({"context": []})"), "400 INVALID_CONTEXT");
  EXPECT_EQ(refusal(R"({"context": {"targetingKey": 1}})"), "400 INVALID_CONTEXT");
}

// Whatever is asked: a known flag is answered with a value of its own, or a word of the protocol.
RC_GTEST_PROP(EvaluationMessages, AnswerEveryContext,
              (const std::string& name, const std::string& text, double number)) {
  json::object context{{"targetingKey", "u"}, {"plan", number}};
  if (base::is_valid_utf8(name) && base::is_valid_utf8(text)) context[name] = text;
  const auto read = context_in(json::serialize(json::object{{"context", context}}));
  RC_PRE(read.has_value());
  for (const json::value& one : evaluate_all(flags(), *read, kNow)) {
    const json::object& object = one.as_object();
    RC_ASSERT(object.contains("reason") != object.contains("errorCode"));
    if (const auto* value = object.if_contains("value")) {
      const auto& variants = flags().find(object.at("key").as_string())->variants;
      RC_ASSERT(variants.at(std::string(object.at("variant").as_string())) == *value);
    }
  }
}

}  // namespace
}  // namespace pipeline::ofrep
