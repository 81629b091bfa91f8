// What schedules and the concurrency group say of parameters.
#include <algorithm>
#include <set>

#include "pipelines/config/rules.h"
#include "pipelines/model/placeholder.h"

namespace pipeline::config {

namespace {

using model::Param;
using model::Schedule;

std::vector<std::string> names_of(const std::vector<Param>& params) {
  std::vector<std::string> names;
  names.reserve(params.size());
  for (const Param& param : params) names.push_back(param.name);
  return names;
}

void check_value(const Entry& entry, const std::string& value, const Param& param,
                 Problems& problems) {
  if (!is_of_type(entry.value, param.type)) {
    problems.error(entry.value.span, "expected a value of type " +
                                         std::string(model::to_string(param.type)) +
                                         ", as the parameter has it");
  } else if (!param.choices.empty() &&
             std::ranges::find(param.choices, value) == param.choices.end()) {
    auto hint = problems.did_you_mean(value, param.choices);
    if (!hint) hint = "its choices are " + quoted_list(param.choices, "and");
    problems.error(entry.value.span, '"' + value + "\" is no choice of \"" + param.name + '"',
                   std::move(hint));
  }
}

void check_params(const std::vector<Param>& params, const Schedule& schedule, const Node& node,
                  Problems& problems) {
  const Node* given = node.find("params");
  if (given == nullptr || given->table() == nullptr) return;
  for (const Entry& entry : *given->table()) {
    const auto param = std::ranges::find(params, entry.key, &Param::name);
    const auto value = schedule.params.find(entry.key);
    if (param == params.end()) {
      problems.error(entry.span, "there is no parameter named \"" + entry.key + '"',
                     problems.did_you_mean(entry.key, names_of(params)));
    } else if (value != schedule.params.end()) {
      check_value(entry, value->second, *param, problems);
    }
  }
}

// Nobody is there to give it.
void check_given(const std::vector<Param>& params, const Schedule& schedule, const Node& node,
                 Problems& problems) {
  for (const Param& param : params) {
    if (param.default_value || schedule.params.contains(param.name)) continue;
    problems.error(Draft::span_of(node, "name"),
                   "parameter \"" + param.name + "\" has no default, and the schedule gives none",
                   "write params = { " + param.name + " = … } in the schedule");
  }
}

void check_schedules(const Draft& draft, const Node& list, Problems& problems) {
  const auto& schedules = draft.pipeline.triggers.schedules;
  if (list.list() == nullptr || list.list()->size() != schedules.size()) return;
  std::set<std::string> names;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const Node& node = (*list.list())[i];
    if (!names.insert(schedules[i].name).second) {
      problems.error(Draft::span_of(node, "name"),
                     "there are two schedules named \"" + schedules[i].name + '"');
    }
    check_params(draft.pipeline.params, schedules[i], node, problems);
    check_given(draft.pipeline.params, schedules[i], node, problems);
  }
}

void check_upstreams(const Draft& draft, Problems& problems) {
  for (const model::Upstream& upstream : draft.pipeline.triggers.upstreams)
    if (upstream.repository.empty() && upstream.pipeline == draft.pipeline.name)
      problems.error(upstream.span, "its own success would start it again, without an end");
}

void check_group(const Draft& draft, Problems& problems) {
  const auto& concurrency = draft.pipeline.concurrency;
  if (!concurrency || concurrency->group.empty()) return;
  const auto has_value = [&](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kParam = "param.";
    if (!name.starts_with(kParam)) return "";
    const auto& params = draft.pipeline.params;
    const bool known =
        std::ranges::find(params, name.substr(kParam.size()), &Param::name) != params.end();
    return known ? std::optional<std::string>("") : std::nullopt;
  };
  if (const auto filled = model::fill_placeholders(concurrency->group, has_value); !filled) {
    problems.error(concurrency->span, filled.error().to_string());
  }
}

}  // namespace

void check_triggers(const Draft& draft, Problems& problems) {
  check_group(draft, problems);
  check_upstreams(draft, problems);
  if (draft.triggers_node == nullptr) return;
  if (const Node* list = draft.triggers_node->find("schedule")) {
    check_schedules(draft, *list, problems);
  }
}

}  // namespace pipeline::config
