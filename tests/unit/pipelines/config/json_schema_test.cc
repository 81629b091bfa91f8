// The schema and the reader come from one declaration; here the schema is walked to see that the
// reader agrees with it key by key.
#include "pipelines/config/json_schema.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <set>

#include "pipelines/config/later.h"
#include "pipelines/config/reader.h"
#include "tests/support/golden.h"

namespace pipeline::config {
namespace {

namespace json = boost::json;

const json::object& schema() {
  static const json::value the_schema = json::parse(json_schema());
  return the_schema.get_object();
}

// Puts a value where a place of the schema is, in a file of one line a top-level key.
using Wrap = std::function<std::string(const std::string&)>;

struct Place {
  std::string table;  // the definition that declares the key
  std::string key;
  const json::object* type;
  Wrap wrap;
};

// `kind = "…", ` when only some kinds of the table may use the key.
std::string tag_for(const json::object& table, const std::string& key) {
  const json::value* rules = table.if_contains("allOf");
  if (rules == nullptr) return "";
  for (const json::value& rule : rules->get_array()) {
    if (!rule.at("else").at("properties").get_object().contains(key)) continue;
    const json::object& of_kind = rule.at("if").at("properties").get_object();
    const auto& tag = *of_kind.begin();
    return std::string(tag.key()) + " = " +
           json::serialize(tag.value().at("enum").get_array().front()) + ", ";
  }
  return "";
}

class Walk {
 public:
  std::vector<Place> run() {
    visit_table("pipeline", schema(), [](const std::string& member) { return member + "\n"; });
    return std::move(places_);
  }

 private:
  // `wrap` takes what stands between the braces of the table.
  void visit_table(const std::string& name, const json::object& table, const Wrap& wrap) {
    if (!seen_.insert(name).second) return;
    for (const auto& [key_view, property] : table.at("properties").get_object()) {
      const std::string key(key_view);
      const std::string start = tag_for(table, key) + key + " = ";
      const Wrap value = [wrap, start](const std::string& text) { return wrap(start + text); };
      places_.push_back({name, key, &property.get_object(), value});
      visit_type(property.get_object(), value);
    }
  }

  void visit_type(const json::object& type, const Wrap& wrap) {
    if (const json::value* reference = type.if_contains("$ref")) {
      const std::string name =
          std::string(reference->get_string()).substr(std::string("#/$defs/").size());
      visit_table(name, schema().at("$defs").at(name).get_object(),
                  [wrap](const std::string& text) { return wrap("{ " + text + " }"); });
    } else if (const json::value* items = type.if_contains("items")) {
      visit_type(items->get_object(),
                 [wrap](const std::string& text) { return wrap("[" + text + "]"); });
    } else if (const json::value* values = type.if_contains("additionalProperties")) {
      visit_type(values->get_object(),
                 [wrap](const std::string& text) { return wrap("{ some_key = " + text + " }"); });
    } else if (const json::value* alternatives = type.if_contains("anyOf")) {
      for (const json::value& alternative : alternatives->get_array()) {
        visit_type(alternative.get_object(), wrap);
      }
    }
  }

  std::set<std::string> seen_;
  std::vector<Place> places_;
};

bool reports_at(const std::string& text, std::size_t offset) {
  const auto diagnostics = read_pipeline(text).diagnostics;
  return std::ranges::any_of(diagnostics, [&](const Diagnostic& diagnostic) {
    return diagnostic.span.column == offset + 1;
  });
}

constexpr std::string_view kNobodyTakesADate = "1979-05-27";

TEST(JsonSchema, IsWhatEditorsGet) {
  EXPECT_TRUE(support::matches_golden("config/schema.json", json_schema()));
}

TEST(JsonSchema, KnowsEveryTable) {
  std::set<std::string> tables;
  for (const auto& [name, definition] : schema().at("$defs").get_object()) {
    tables.insert(std::string(name));
    EXPECT_EQ(definition.at("additionalProperties"), false) << name;
    EXPECT_FALSE(definition.at("description").get_string().empty());
  }
  EXPECT_EQ(tables,
            (std::set<std::string>{
                "agent",        "artifact", "cache",    "concurrency", "coverage", "defaults",
                "environment",  "gate",     "health",   "notify",      "param",    "pipeline",
                "pull_request", "ready",    "reports",  "retain",      "retry",    "sandbox",
                "schedule",     "service",  "split",    "stage",       "stop",     "strategy",
                "switch",       "template", "triggers", "webhook",     "when"}));
}

TEST(JsonSchema, EveryKeyOfItIsReadAndRefusesTheWrongType) {
  const auto places = Walk().run();
  EXPECT_GE(places.size(), 70U);
  for (const Place& place : places) {
    const std::string text = place.wrap(std::string(kNobodyTakesADate));
    SCOPED_TRACE(text);
    EXPECT_TRUE(reports_at(text, text.find(kNobodyTakesADate)));
    for (const Diagnostic& diagnostic : read_pipeline(text).diagnostics) {
      EXPECT_EQ(diagnostic.message.find("unknown key"), std::string::npos) << diagnostic.message;
      EXPECT_EQ(diagnostic.message.find("does not belong"), std::string::npos);
      EXPECT_EQ(diagnostic.message.find("not supported"), std::string::npos);
    }
    EXPECT_FALSE(place.type->at("description").get_string().empty());
  }
}

TEST(JsonSchema, EveryDefaultIsAValueThatTheReaderTakes) {
  std::size_t defaults = 0;
  for (const Place& place : Walk().run()) {
    const json::value* fallback = place.type->if_contains("default");
    if (fallback == nullptr) continue;
    ++defaults;
    const std::string value = json::serialize(*fallback);
    const std::string text = place.wrap(value);
    SCOPED_TRACE(text);
    EXPECT_FALSE(reports_at(text, text.rfind(value)));
  }
  EXPECT_GE(defaults, 20U);
}

// `{ key = default, … }` with every default that the schema tells.
std::string spelled_out(const std::string& table) {
  std::string text;
  for (const auto& [key, property] : schema().at("$defs").at(table).at("properties").get_object()) {
    const json::value* fallback = property.get_object().if_contains("default");
    if (fallback == nullptr) continue;
    text += (text.empty() ? "" : ", ") + std::string(key) + " = " + json::serialize(*fallback);
  }
  return "{ " + text + " }";
}

TEST(JsonSchema, TellsTheDefaultsThatHold) {
  const std::string text =
      "name = \"p\"\nstage = [{ name = \"s\", run = \"true\", timeout = \"1h\", sandbox = " +
      spelled_out("sandbox") +
      " }]\n[environment.e]\nstart = \"x\"\nports = \"8001-8002\"\nswitch = { listen = "
      "\"127.0.0.1:80\", preview = \"127.0.0.1:81\" }\nhealth = " +
      spelled_out("health") + "\nstop = " + spelled_out("stop") +
      "\nretain = " + spelled_out("retain") + "\n";
  const ReadResult result = read_pipeline(text);
  ASSERT_TRUE(result.pipeline.has_value())
      << render(result.diagnostics, {{"pipeline.toml", text}}, Color::no);
  const model::Stage& stage = result.pipeline->stages.at(0);
  EXPECT_EQ(stage.timeout, model::Stage().timeout);
  EXPECT_EQ(std::get<model::CommandWork>(stage.work).sandbox, model::SandboxSpec());
  const model::Environment& environment = result.pipeline->environments.at(0);
  EXPECT_EQ(environment.health, model::HealthCheck());
  EXPECT_EQ(environment.stop, model::StopSpec());
  EXPECT_EQ(environment.retain, model::RetainSpec());
}

TEST(JsonSchema, HasNothingThatIsSaidToComeLater) {
  for (const auto& [table, definition] : schema().at("$defs").get_object()) {
    for (const std::string& key : later_keys(std::string(table))) {
      EXPECT_FALSE(definition.at("properties").get_object().contains(key)) << table << "." << key;
    }
  }
  for (const std::string& key : later_keys("pipeline")) {
    EXPECT_FALSE(schema().at("properties").get_object().contains(key)) << key;
  }
}

}  // namespace
}  // namespace pipeline::config
