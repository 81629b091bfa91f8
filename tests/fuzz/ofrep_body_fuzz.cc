// What an application sends to have flags evaluated: whatever it is, it is refused in words of the
// protocol, or every flag is answered with one of its own values or in such a word.
#include <boost/json.hpp>
#include <stdexcept>

#include "pipelines/toggle/flag_file.h"
#include "runner/server/ofrep/evaluation_messages.h"
#include "tests/fuzz/fuzz.h"

namespace pipeline::fuzz {

namespace {

namespace json = boost::json;

// Rules that look at a context in every way there is.
constexpr std::string_view kFlags = R"({"flags": {
  "cat": {"state": "ENABLED", "variants": {"a": "x", "b": "y"}, "defaultVariant": "a",
          "targeting": {"fractional": [{"cat": [{"var": "a"}, {"var": "b.c"}]}, ["a"], ["b"]]}},
  "in": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a",
         "targeting": {"if": [{"in": [{"var": "a"}, {"var": "b"}]}, "b",
                              {"missing": ["a", "targetingKey"]}, "a", {"var": "c"}]}},
  "math": {"state": "ENABLED", "variants": {"a": {"x": 1}}, "defaultVariant": "a",
           "targeting": {"if": [{">": [{"+": [{"var": "a"}, {"var": "b"}]}, {"var": "c"}]}, "a"]}},
  "sem": {"state": "ENABLED", "variants": {"a": true, "b": false}, "defaultVariant": "b",
          "targeting": {"if": [{"sem_ver": [{"var": "a"}, "^", {"var": "b"}]}, "a",
                               {"starts_with": [{"var": "c"}, {"var": "a"}]}, "b"]}},
  "split": {"state": "ENABLED", "variants": {"a": true, "b": false}, "defaultVariant": "b",
            "targeting": {"fractional": [["a", 30], ["b", 70]]}}}})";

bool is_word(std::string_view code) {
  return code == "PARSE_ERROR" || code == "TARGETING_KEY_MISSING" || code == "INVALID_CONTEXT" ||
         code == "GENERAL" || code == "FLAG_NOT_FOUND";
}

void expect_answer(const toggle::FlagSet& flags, const json::object& answer) {
  if (const auto* code = answer.if_contains("errorCode")) {
    FUZZ_EXPECT(is_word(code->as_string()));
    return;
  }
  FUZZ_EXPECT(answer.contains("reason"));
  const auto* value = answer.if_contains("value");
  if (value == nullptr) return;
  const auto& variants = flags.find(answer.at("key").as_string())->variants;
  FUZZ_EXPECT(variants.at(std::string(answer.at("variant").as_string())) == *value);
}

}  // namespace

void run(std::string_view input) {
  static const toggle::FlagSet flags = toggle::read_flags(kFlags).value();
  const auto context = ofrep::context_in(input);
  if (!context) {
    FUZZ_EXPECT(is_word(context.error().code) && context.error().status == 400);
    return;
  }
  const json::array all = ofrep::evaluate_all(flags, *context, base::TimePoint());
  FUZZ_EXPECT(all.size() == flags.flags.size());
  for (const json::value& answer : all) expect_answer(flags, answer.as_object());
}

}  // namespace pipeline::fuzz
