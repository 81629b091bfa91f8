#include "pipelines/toggle/json_logic.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace pipeline::toggle {
namespace {

namespace json = boost::json;

// The result as JSON, or the error.
std::string result_of(std::string_view rule, std::string_view data = "{}",
                      const Evaluators& evaluators = {}) {
  const auto context = json::parse(data);
  const auto value = apply_rule(json::parse(rule), {context.get_object(), evaluators, "the-flag"});
  return value ? json::serialize(*value) : value.error().to_string();
}

struct Case {
  const char* rule;
  const char* expected;
  const char* data = "{}";
};

TEST(JsonLogic, ComparesAsJavaScriptDoes) {
  const Case cases[] = {
      {R"({"==":[1,1]})", "true"},          {R"({"==":[1,"1"]})", "true"},
      {R"({"==":[0,""]})", "true"},         {R"({"==":[null,0]})", "false"},
      {R"({"==":[null,null]})", "true"},    {R"({"==":["a","b"]})", "false"},
      {R"({"==":[1,1.0]})", "true"},        {R"({"===":[1,"1"]})", "false"},
      {R"({"===":[1,1.0]})", "true"},       {R"({"!=":[1,2]})", "true"},
      {R"({"!==":[1,"1"]})", "true"},       {R"({"<":[1,2]})", "true"},
      {R"({"<":["10","9"]})", "true"},      {R"({"<":["10",9]})", "false"},
      {R"({"<":[1,2,3]})", "true"},         {R"({"<":[1,3,2]})", "false"},
      {R"({"<=":[1,1,1]})", "true"},        {R"({">":["x",1]})", "false"},
      {R"({">=":[2,2]})", "true"},          {R"({"in":["b",["a","b"]]})", "true"},
      {R"({"in":["lo","hello"]})", "true"}, {R"({"in":[1,["1"]]})", "false"},
      {R"({"in":["a",null]})", "false"},    {R"({"in":[1,"1"]})", "false"},
  };
  for (const auto& c : cases) EXPECT_EQ(result_of(c.rule), c.expected) << c.rule;
}

TEST(JsonLogic, DecidesLazily) {
  const Case cases[] = {
      {R"({"if":[true,"a","b"]})", R"("a")"},
      {R"({"if":[false,"a",true,"b","c"]})", R"("b")"},
      {R"({"if":[false,"a",0,"b","c"]})", R"("c")"},
      {R"({"if":[false,"a"]})", "null"},
      {R"({"if":["only"]})", R"("only")"},
      {R"({"if":[]})", "null"},
      {R"({"?:":["0","zero is true","not"]})", R"("zero is true")"},
      {R"({"if":[[],"a","b"]})", R"("b")"},
      {R"({"and":[1,0,{"no-such":1}]})", "0"},
      {R"({"and":[1,2]})", "2"},
      {R"({"or":[0,"x",{"no-such":1}]})", R"("x")"},
      {R"({"or":[0,""]})", R"("")"},
      {R"({"!":[[]]})", "true"},
      {R"({"!":true})", "false"},
      {R"({"!!":["0"]})", "true"},
      {R"({"if":[true,1,{"no-such":1}]})", "1"},
  };
  for (const auto& c : cases) EXPECT_EQ(result_of(c.rule), c.expected) << c.rule;
}

TEST(JsonLogic, ReadsTheContext) {
  const char* data = R"({"user":{"name":"ann","tags":["x","y"]},"n":null,"e":""})";
  const Case cases[] = {
      {R"({"var":"user.name"})", R"("ann")"},
      {R"({"var":["user.name"]})", R"("ann")"},
      {R"({"var":"user.tags.1"})", R"("y")"},
      {R"({"var":"user.tags.7"})", "null"},
      {R"({"var":"user.tags.-1"})", "null"},
      {R"({"var":["user.age",7]})", "7"},
      {R"({"var":"user.name.x"})", "null"},
      {R"({"var":{"if":[true,"user.name"]}})", R"("ann")"},
      {R"({"missing":["user.name","n","e","gone"]})", R"(["n","e","gone"])"},
      {R"({"missing":"gone"})", R"(["gone"])"},
      {R"({"missing_some":[1,["user.name","gone"]]})", "[]"},
      {R"({"missing_some":[2,["user.name","gone"]]})", R"(["gone"])"},
  };
  for (const auto& c : cases) EXPECT_EQ(result_of(c.rule, data), c.expected) << c.rule;
}

TEST(JsonLogic, WorksOnTextAndNumbers) {
  const Case cases[] = {
      {R"({"cat":["a",1,2.0,1.5,true,null]})", R"("a121.5true")"},
      {R"({"substr":["jsonlogic",4]})", R"("logic")"},
      {R"({"substr":["jsonlogic",-5]})", R"("logic")"},
      {R"({"substr":["jsonlogic",1,3]})", R"("son")"},
      {R"({"substr":["jsonlogic",4,-2]})", R"("log")"},
      {R"({"substr":["x",9,9]})", R"("")"},
      {R"({"substr":["x","y"]})", R"("")"},
      {R"({"starts_with":["abc","ab"]})", "true"},
      {R"({"ends_with":["abc","ab"]})", "false"},
      {R"({"starts_with":[1,"ab"]})", "null"},
      {R"({"ends_with":["ab"]})", "null"},
      {R"({"sem_ver":["1.2","=",1.2]})", "true"},
      {R"({"sem_ver":["1.2","=",null]})", "null"},
      {R"({"+":[1,"2",3.5]})", "6.5E0"},
      {R"({"+":[1,2]})", "3"},
      {R"({"-":[5,2]})", "3"},
      {R"({"-":5})", "-5"},
      {R"({"*":[2,3]})", "6"},
      {R"({"/":[6,4]})", "1.5E0"},
      {R"({"%":[7,4]})", "3"},
      {R"({"min":[3,1,2]})", "1"},
      {R"({"max":[3,1,2]})", "3"},
  };
  for (const auto& c : cases) EXPECT_EQ(result_of(c.rule), c.expected) << c.rule;
}

TEST(JsonLogic, SurvivesNonsense) {
  for (const auto* name :
       {"==", "<",   "in", "!",   "cat", "substr", "starts_with", "sem_ver",      "+",
        "-",  "/",   "%",  "min", "max", "var",    "missing",     "missing_some", "fractional",
        "if", "and", "or"}) {
    for (const auto* arguments :
         {"[]", "null", "{}", "[null,null,null]", "[[],{},[[]]]", R"([{"a":1,"b":2},1e308,-1e308])",
          "\"\"", R"(["\u0000",-0.0])"}) {
      const std::string rule = "{\"" + std::string(name) + "\":" + arguments + "}";
      EXPECT_FALSE(result_of(rule).empty()) << rule;
    }
  }
}

TEST(JsonLogic, KeepsLiteralsAsTheyAre) {
  EXPECT_EQ(result_of(R"(["a",{"var":"x"},[1,{"cat":["b","c"]}]])", R"({"x":1})"),
            R"(["a",1,[1,"bc"]])");
  EXPECT_EQ(result_of(R"({"a":1,"b":2})"), R"({"a":1,"b":2})");
  // What comes out of the context is data, never a rule.
  EXPECT_EQ(result_of(R"({"var":"x"})", R"({"x":{"var":"y"},"y":1})"), R"({"var":"y"})");
}

TEST(JsonLogic, SharesRulesByReference) {
  const Evaluators evaluators = {{"is-x", json::parse(R"({"==":[{"var":"v"},"x"]})")}};
  EXPECT_EQ(result_of(R"({"if":[{"$ref":"is-x"},1,2]})", R"({"v":"x"})", evaluators), "1");
  EXPECT_EQ(result_of(R"({"$ref":"is-y"})", "{}", evaluators), "no evaluator is named \"is-y\"");
}

TEST(JsonLogic, IsBounded) {
  const char* too_much = "rule nests too deep or costs too much";
  const Evaluators circle = {{"a", json::parse(R"({"$ref":"b"})")},
                             {"b", json::parse(R"({"$ref":"a"})")}};
  EXPECT_EQ(result_of(R"({"$ref":"a"})", "{}", circle), too_much);

  // Each evaluator runs the one before ten times: 10^20 steps without a bound.
  Evaluators bomb = {{"0", json::parse("1")}};
  for (int level = 1; level <= 20; ++level) {
    json::array ten(10, json::object{{"$ref", std::to_string(level - 1)}});
    bomb.emplace(std::to_string(level), json::object{{"+", ten}});
  }
  EXPECT_EQ(result_of(R"({"$ref":"20"})", "{}", bomb), too_much);
}

TEST(JsonLogic, ChecksOperatorsBeforehand) {
  EXPECT_TRUE(check_rule(json::parse(R"({"if":[{"$ref":"x"},{"fractional":[["a"]]},null]})")));
  const auto refused = check_rule(json::parse(R"({"if":[true,{"iff":[1]}]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(), "unknown operator \"iff\"");
}

}  // namespace
}  // namespace pipeline::toggle
