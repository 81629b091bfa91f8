// The top level of the file and [params].
#include <algorithm>
#include <utility>

#include "pipelines/config/later.h"
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"
#include "pipelines/model/variable.h"

namespace pipeline::config {

namespace {

using model::Environment;
using model::Param;
using model::ParamType;
using model::Stage;

// What is no scalar was reported when it was read.
bool is_scalar(const Node& node) {
  return is_of_type(node, ParamType::string) || is_of_type(node, ParamType::integer) ||
         is_of_type(node, ParamType::boolean);
}

void check_param(const Node& node, Param& param, Problems& problems) {
  const std::string expects = "expected " + std::string(model::to_string(param.type)) +
                              " values, as the type of the parameter says";
  const Node* fallback = node.find("default");
  const Node* choices = node.find("choices");
  if (choices != nullptr && choices->list() != nullptr) {
    for (const Node& choice : *choices->list()) {
      if (is_scalar(choice) && !is_of_type(choice, param.type))
        problems.error(choice.span, expects);
    }
  }
  if (fallback == nullptr || !is_scalar(*fallback)) return;
  if (!is_of_type(*fallback, param.type)) {
    problems.error(fallback->span, expects);
  } else if (!param.choices.empty() &&
             std::ranges::find(param.choices, *param.default_value) == param.choices.end()) {
    problems.error(fallback->span, "the default is not among the choices",
                   "expected " + quoted_list(param.choices, "or"));
  }
}

const Table<Param>& param_table() {
  static const auto the_table = [] {
    Table<Param> table("param", "a value given with --param NAME=VALUE, PARAM_<NAME> in commands");
    table
        .key("type",
             choice<ParamType>({{"string", ParamType::string},
                                {"integer", ParamType::integer},
                                {"boolean", ParamType::boolean}}),
             &Param::type, "what values it takes")
        .fallback("string");
    table.key("choices", list_of(scalar_as_text(), Empty::refused), &Param::choices,
              "the only values it takes");
    table.key("default", scalar_as_text(), &Param::default_value,
              "used when none is given; without it, the parameter must be given");
    table.key("description", text(), &Param::description, "what it is for");
    table.at_end(check_param);
    return table;
  }();
  return the_table;
}

// [params]: names in file order.
bool read_params(const Node& node, Draft& draft, Problems& problems) {
  static const auto name_type = variable();
  if (node.table() == nullptr) return report_wrong_type(node, "a table of parameters", problems);
  bool good = true;
  std::map<std::string, std::string> by_variable;
  for (const Entry& entry : *node.table()) {
    Param param;
    good = name_type.read(Node{entry.key, entry.span}, param.name, problems) && good;
    good = param_table().read(entry.value, param, problems) && good;
    const auto [other, is_new] =
        by_variable.emplace(model::variable_name("PARAM_", entry.key), entry.key);
    if (!is_new) {
      problems.error(entry.span, "parameters \"" + other->second + "\" and \"" + entry.key +
                                     "\" would share the variable " + other->first);
    }
    draft.pipeline.params.push_back(std::move(param));
  }
  return good;
}

bool read_defaults(const Node& node, Draft& draft, Problems& problems) {
  return defaults_table().read(node, draft.defaults, problems);
}

bool read_stages(const Node& node, Draft& draft, Problems& problems) {
  if (node.list() == nullptr || node.list()->empty()) {
    problems.error(node.span, "stages are a list of tables, at least one",
                   "write [[stage]] for each");
    return false;
  }
  bool good = true;
  draft.pipeline.stages.reserve(node.list()->size());
  for (const Node& item : *node.list()) {
    Stage stage = draft.defaults;
    good = stage_table().read(item, stage, problems) && good;
    if (item.table() == nullptr) continue;
    draft.pipeline.stages.push_back(std::move(stage));
    draft.stage_nodes.push_back(&item);
  }
  return good;
}

bool read_notify(const Node& node, Draft& draft, Problems& problems) {
  static const auto rules = list_of(table_type(notify_table, "a table that says who is told"));
  if (node.list() == nullptr)
    return report_wrong_type(node, "a list of tables: [[notify]] for each", problems);
  return rules.read(node, draft.pipeline.notify, problems);
}

boost::json::object schema_of_notify(Definitions& definitions) {
  return {{"type", "array"}, {"items", notify_table().schema(definitions)}};
}

bool read_triggers(const Node& node, Draft& draft, Problems& problems) {
  draft.triggers_node = &node;
  return triggers_table().read(node, draft.pipeline.triggers, problems);
}

boost::json::object schema_of_triggers(Definitions& definitions) {
  return triggers_table().schema(definitions);
}

template <class T>
std::function<boost::json::object(Definitions&)> schema_of_named(const Table<T>& (*table)(),
                                                                 Type<std::string> key) {
  return [table, key = std::move(key)](Definitions& definitions) {
    return boost::json::object{{"type", "object"},
                               {"propertyNames", key.schema(definitions)},
                               {"additionalProperties", table().schema(definitions)}};
  };
}

boost::json::object schema_of_stages(Definitions& definitions) {
  return {{"type", "array"}, {"minItems", 1}, {"items", stage_table().schema(definitions)}};
}

boost::json::object schema_of_defaults(Definitions& definitions) {
  return defaults_table().schema(definitions);
}

boost::json::object schema_of_includes(Definitions& definitions) {
  return list_of(relative_path()).schema(definitions);
}

// Taken in already (composition.h); what is left to do is to check what no stage extends.
bool read_include(const Node& node, Draft& /*draft*/, Problems& problems) {
  std::vector<std::string> ignored;
  return list_of(relative_path()).read(node, ignored, problems);
}

bool read_templates(const Node& node, Draft& /*draft*/, Problems& problems) {
  static const auto name_type = name();
  if (node.table() == nullptr) {
    return report_wrong_type(node, "tables such as [template.cpp]", problems);
  }
  bool good = true;
  for (const Entry& entry : *node.table()) {
    std::string template_name;
    Stage ignored;
    good = name_type.read(Node{entry.key, entry.span}, template_name, problems) && good;
    good = template_table().read(entry.value, ignored, problems) && good;
    if (entry.value.find("name") == nullptr) continue;
    problems.error(Draft::span_of(entry.value, "name"), "a template has no name beside its key",
                   "the stage that extends it has one");
    good = false;
  }
  return good;
}

}  // namespace

// Keys are read in the order of their declaration, whatever the file's: stages need the defaults,
// environments the toggles.
const Table<Draft>& pipeline_table() {
  static const auto the_table = [] {
    Table<Draft> table("pipeline", "a pipeline");
    table
        .key(
            "name", name(), [](Draft & draft) -> auto& { return draft.pipeline.name; },
            "what runs, environments and logs are filed under")
        .required();
    table.key(
        "description", text(), [](Draft & draft) -> auto& { return draft.pipeline.description; },
        "what it is for, in a sentence");
    table.key("toggles", relative_path(), &Draft::toggles,
              "flagd file of every environment that names none of its own");
    table.custom_key("include", schema_of_includes, read_include,
                     "files whose templates and environments are taken in, by their paths in the "
                     "repository");
    table.custom_key("template", schema_of_named(template_table, name()), read_templates,
                     "what stages can extend");
    table.custom_key("params", schema_of_named(param_table, variable()), read_params,
                     "what a run can be given");
    table.custom_key("triggers", schema_of_triggers, read_triggers, "what starts runs by itself");
    table.key(
        "concurrency", table_type(concurrency_table, "a table such as { group = \"ci-{branch}\" }"),
        [](Draft & draft) -> auto& { return draft.pipeline.concurrency; },
        "which runs may go on beside each other");
    table.custom_key("defaults", schema_of_defaults, read_defaults,
                     "what stages start from; a stage's own keys win");
    table
        .custom_key("stage", schema_of_stages, read_stages,
                    "the steps, in order: [[stage]] for each")
        .required();
    table.custom_key("environment", schema_of_named(environment_table, name()), read_environments,
                     "where releases run");
    table.custom_key("notify", schema_of_notify, read_notify,
                     "who is told of runs, by a server: [[notify]] for each");
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
