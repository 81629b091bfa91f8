// The scenarios of flagd's testbed (release 3.9.0, evaluator/gherkin): same rules, same contexts,
// same outcomes, so that our evaluation can stand in for flagd's.
#include "pipelines/toggle/evaluate.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "pipelines/toggle/flag_file.h"

namespace pipeline::toggle {
namespace {

namespace json = boost::json;

const base::TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

// Variants that are their own values, default variant last.
json::object variants(const std::vector<std::string>& names) {
  json::object object;
  for (const auto& name : names) object[name] = name;
  return object;
}

struct Row {
  std::string context;
  std::string variant;  // empty: none
  Reason reason = Reason::targeting_match;
};

void expect_rows(const std::string& key, const std::vector<std::string>& names,
                 const std::string& targeting, const std::vector<Row>& rows) {
  const json::object flag{{"state", "ENABLED"},
                          {"variants", variants(names)},
                          {"defaultVariant", names.back()},
                          {"targeting", json::parse(targeting)}};
  const json::object file{
      {"flags", json::object{{key, flag}}},
      {"$evaluators",
       json::parse(R"({"is_ballmer": {"==": ["ballmer@macrosoft.com", {"var": ["email"]}]}})")}};
  const auto flags = read_flags(json::serialize(file));
  ASSERT_TRUE(flags) << flags.error().to_string();
  for (const auto& row : rows) {
    const auto got = evaluate(*flags, key, json::parse(row.context).get_object(), kNow);
    EXPECT_EQ(got.variant.value_or(""), row.variant) << key << " " << row.context;
    EXPECT_EQ(to_string(got.reason), to_string(row.reason)) << key << " " << row.context;
    if (got.value) {
      EXPECT_EQ(*got.value, json::value(row.variant));
    }
  }
}

std::string user(const std::string& name) {
  return R"({"user":{"name":")" + name + "\"}}";
}
std::string target(const std::string& key, const std::string& more = "") {
  return R"({"targetingKey":")" + key + "\"" + more + "}";
}

constexpr const char* kSuits = R"(["clubs",25],["diamonds",25],["hearts",25],["spades",25]]})";

TEST(Testbed, Fractional) {
  expect_rows("fractional-flag", {"clubs", "diamonds", "hearts", "spades", "wild"},
              R"({"fractional":[{"cat":[{"var":"$flagd.flagKey"},{"var":"user.name"}]},)" +
                  std::string(kSuits),
              {{user("jack"), "hearts"},
               {user("queen"), "spades"},
               {user("ten"), "clubs"},
               {user("nine"), "diamonds"},
               {user("3"), "clubs"}});
  expect_rows("fractional-flag-shorthand", {"heads", "tails", "draw"},
              R"({"fractional":[["heads"],["tails",1]]})",
              {{target("jon@company.com"), "heads"}, {target("jane@company.com"), "tails"}});
}

TEST(Testbed, FractionalWithASharedSeed) {
  expect_rows(
      "any-key", {"clubs", "diamonds", "hearts", "spades", "wild"},
      R"({"fractional":[{"cat":["shared-seed",{"var":"user.name"}]},)" + std::string(kSuits),
      {{user("seven"), "hearts"},
       {user("eight"), "diamonds"},
       {user("nine"), "clubs"},
       {user("two"), "spades"}});
}

TEST(Testbed, FractionalAtTheBoundariesOfTheHash) {
  expect_rows("fractional-hash-edge-flag", {"upper", "lower"},
              R"({"fractional":[{"var":"targetingKey"},["lower",50],["upper",50]]})",
              {{target("ejOoVL"), "lower"},
               {target("bY9fO-"), "lower"},
               {target("SI7p-"), "lower"},
               {target("6LvT0"), "upper"},
               {target("ceQdGm"), "upper"}});
}

TEST(Testbed, FractionalWithNestedRules) {
  const auto tier = [](const std::string& name) { return R"(,"tier":")" + name + "\""; };
  expect_rows("nested-if", {"premium", "standard", "fallback"},
              R"({"fractional":[{"var":"targetingKey"},
                 [{"if":[{"==":[{"var":"tier"},"premium"]},"premium","standard"]},50],["standard",50]]})",
              {{target("jon@company.com", tier("premium")), "premium"},
               {target("jon@company.com", tier("basic")), "standard"},
               {target("user1", tier("premium")), "standard"},
               {target("user1", tier("basic")), "standard"}});
  expect_rows("nested-weight", {"red", "blue", "fallback"},
              R"({"fractional":[{"var":"targetingKey"},
                 ["red",{"if":[{"==":[{"var":"tier"},"premium"]},100,0]}],["blue",10]]})",
              {{target("jon@company.com", tier("premium")), "red"},
               {target("jon@company.com", tier("basic")), "blue"},
               {target("user1", tier("premium")), "red"},
               {target("user1", tier("basic")), "blue"}});
  expect_rows("nested-var", {"red", "green", "blue", "fallback"},
              R"({"fractional":[{"var":"targetingKey"},[{"var":"color"},50],["blue",50]]})",
              {{target("jon@company.com", R"(,"color":"red")"), "red"},
               {target("jon@company.com", R"(,"color":"green")"), "green"},
               {target("user1", R"(,"color":"red")"), "blue"},
               {target("jon@company.com", R"(,"color":"yellow")"), "", Reason::error},
               {target("jon@company.com", R"(,"color":"")"), "", Reason::error}});
}

TEST(Testbed, FractionalAsACondition) {
  const auto rule = [](const char* weights) {
    return R"({"if":[{"fractional":)" + std::string(weights) + R"(},"big","small"]})";
  };
  expect_rows("condition", {"big", "small", "fallback"}, rule("[[false,0],[true,100]]"),
              {{target("some-targeting-key"), "big"}});
  expect_rows("condition", {"big", "small", "fallback"}, rule("[[false,100],[true,0]]"),
              {{target("some-targeting-key"), "small"}});
}

TEST(Testbed, FractionalErrorsGiveTheDefault) {
  expect_rows("single", {"single", "fallback"}, R"({"fractional":[["single",1]]})",
              {{"{}", "single"}});
  const std::vector<std::string> names = {"one", "two", "fallback"};
  const std::vector<Row> falls_back = {{"{}", "fallback", Reason::by_default}};
  const std::vector<Row> also_with_key = {{target("any-user"), "fallback", Reason::by_default}};
  expect_rows("null-key", names, R"({"fractional":[{"var":"missing"},["one",50],["two",50]]})",
              falls_back);
  expect_rows("zero", names, R"({"fractional":[{"var":"targetingKey"},["one",0],["two",0]]})",
              also_with_key);
  expect_rows("negative", names,
              R"({"fractional":[{"var":"targetingKey"},["one",-50],["two",100]]})",
              {{target("any-user"), "two"}});
  expect_rows("fraction", names, R"({"fractional":[["one",0.5],["two",1]]})", also_with_key);
  expect_rows("huge", names, R"({"fractional":[["one",2147483647],["two",1]]})", also_with_key);
  expect_rows("no-list", names, R"({"fractional":["seed","one","two"]})", also_with_key);
}

TEST(Testbed, Versions) {
  const auto version = [](const std::string& text) { return R"({"version":)" + text + "}"; };
  const auto test = [](const char* arguments) {
    return R"({"if":[{"sem_ver":[{"var":"version"},)" + std::string(arguments) +
           R"(]},"match","no-match"]})";
  };
  const std::vector<std::string> names = {"match", "no-match"};
  expect_rows("major-minor", {"minor", "major", "none"},
              R"({"if":[{"sem_ver":[{"var":"version"},"~","3.0.0"]},"minor",
                 {"if":[{"sem_ver":[{"var":"version"},"^","3.0.0"]},"major","none"]}]})",
              {{version(R"("3.0.1")"), "minor"},
               {version(R"("3.1.0")"), "major"},
               {version(R"("4.0.0")"), "none"}});
  expect_rows("v-prefix", names, test(R"("=","v1.0.0")"),
              {{version(R"("1.0.0")"), "match"},
               {version(R"("v1.0.0")"), "match"},
               {version(R"("V1.0.0")"), "match"},
               {version(R"("2.0.0")"), "no-match"}});
  expect_rows("partial", names, test(R"("^","1")"),
              {{version(R"("1.5.0")"), "match"}, {version(R"("2.0.0")"), "no-match"}});
  expect_rows("numeric", names, test(R"(">","1.1")"),
              {{version("1.2"), "match"},
               {version("1.1"), "no-match"},
               {version("2"), "match"},
               {version("1"), "no-match"}});
}

TEST(Testbed, OperatorErrorsGiveTheDefault) {
  const std::vector<std::string> names = {"true", "false", "fallback"};
  const std::vector<Row> falls_back = {
      {R"({"version":"not-a-version","num":123})", "fallback", Reason::by_default}};
  for (const auto* rule :
       {R"({"sem_ver":[{"var":"version"},"=","1.0.0"]})", R"({"sem_ver":["1.0.0","===","1.0.0"]})",
        R"({"sem_ver":["1.0.0","="]})", R"({"starts_with":[{"var":"num"},"abc"]})",
        R"({"ends_with":[{"var":"num"},"xyz"]})", R"({"starts_with":["abc"]})",
        R"({"ends_with":["xyz"]})"}) {
    expect_rows("operator-error", names, rule, falls_back);
  }
  expect_rows("boolean-result", names, R"({"starts_with":["abc","a"]})", {{"{}", "true"}});
}

TEST(Testbed, TargetingAndReferences) {
  expect_rows("targeting-key-flag", {"hit", "miss"},
              R"({"if":[{"==":[{"var":"targetingKey"},"5c3d8535"]},"hit",null]})",
              {{target("5c3d8535"), "hit"}, {target("f20bd32d"), "miss", Reason::by_default}});
  expect_rows("ref", {"hi", "bye", "none"}, R"({"if":[{"$ref":"is_ballmer"},"hi","bye"]})",
              {{R"({"email":"ballmer@macrosoft.com"})", "hi"}, {"{}", "bye"}});
  expect_rows("bad-ref", {"hit", "miss", "none"}, R"({"if":[{"$ref":"nonexistent"},"hit","miss"]})",
              {{"{}", "", Reason::error}});
}

Evaluation evaluated(const std::string& flag, const std::string& key = "f") {
  const auto flags = read_flags(R"({"flags":{"f":)" + flag + "}}");
  EXPECT_TRUE(flags) << flags.error().to_string();
  return evaluate(*flags, key, {}, kNow);
}

TEST(Evaluate, NamesItsReasons) {
  const auto fixed =
      evaluated(R"({"state":"ENABLED","variants":{"a":{"k":1}},"defaultVariant":"a"})");
  EXPECT_EQ(to_string(fixed.reason), "STATIC");
  EXPECT_EQ(*fixed.value, (json::value{{"k", 1}}));
  const auto empty =
      evaluated(R"({"state":"ENABLED","variants":{"a":0},"defaultVariant":"a","targeting":{}})");
  EXPECT_EQ(to_string(empty.reason), "STATIC");
  const auto none = evaluated(R"({"state":"ENABLED","variants":{"a":0},"defaultVariant":null})");
  EXPECT_EQ(to_string(none.reason), "DEFAULT");
  EXPECT_FALSE(none.value);
  const auto disabled =
      evaluated(R"({"state":"DISABLED","variants":{"a":0},"defaultVariant":"a"})");
  EXPECT_EQ(to_string(disabled.reason), "DISABLED");
  EXPECT_FALSE(disabled.value || disabled.variant || disabled.error);
  const auto unknown = evaluated(R"({"state":"DISABLED","variants":{"a":0}})", "g");
  EXPECT_EQ(to_string(unknown.reason), "ERROR");
  EXPECT_EQ(to_string(unknown.error->code), "FLAG_NOT_FOUND");
  const auto bad = evaluated(R"({"state":"ENABLED","variants":{"a":0},"targeting":{"cat":["b"]}})");
  EXPECT_EQ(to_string(bad.error->code), "PARSE_ERROR");
  EXPECT_EQ(bad.error->message, "targeting chose the variant \"b\", which does not exist");
}

TEST(Evaluate, InjectsItsPropertiesOverTheContext) {
  const auto flags = read_flags(R"({"flags":{"f":{"state":"ENABLED","variants":{"f 1795392000":1},
      "targeting":{"cat":[{"var":"$flagd.flagKey"}," ",{"var":"$flagd.timestamp"}]}}}})");
  ASSERT_TRUE(flags) << flags.error().to_string();
  const auto context = json::parse(R"({"$flagd":{"flagKey":"forged","timestamp":1}})").get_object();
  EXPECT_EQ(evaluate(*flags, "f", context, kNow).variant, "f 1795392000");
}

}  // namespace
}  // namespace pipeline::toggle
