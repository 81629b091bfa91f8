// Rules of a stage by itself, and of its conditions on parameters.
#include <algorithm>
#include <map>
#include <string>
#include <variant>

#include "pipelines/config/rules.h"
#include "pipelines/model/placeholder.h"

namespace pipeline::config {

namespace {

using model::Condition;
using model::Stage;

// What may stand under one key of `when` that maps names to values.
struct Named {
  std::string name;
  std::vector<std::string> values;  // empty: any
};

using ConditionValues = std::map<std::string, std::vector<std::string>>;

struct NamedValues {
  std::string_view key;  // "param", "matrix"
  ConditionValues Condition::*values;
  std::string_view unknown;  // "there is no parameter named "
  std::vector<Named> known;
};

class ValueCheck {
 public:
  ValueCheck(NamedValues rule, Problems& problems) : rule_(std::move(rule)), problems_(problems) {
    for (const Named& known : rule_.known) names_.push_back(known.name);
  }

  // `node` is the table that `condition` was read from. Negated tables lie one level below.
  void check(const Node& node, const Condition& condition) {
    const Node* table = node.find(rule_.key);
    if (table != nullptr && table->table() != nullptr) {
      for (const Entry& entry : *table->table()) check_entry(entry, *table, condition);
    }
    const Node* negated = node.find("not");
    if (negated == nullptr) return;
    if (negated->list() == nullptr && condition.negated.size() == 1) {
      check(*negated, condition.negated.front());
    } else if (negated->list() != nullptr && negated->list()->size() == condition.negated.size()) {
      for (std::size_t i = 0; i < condition.negated.size(); ++i) {
        check((*negated->list())[i], condition.negated[i]);
      }
    }
  }

 private:
  void check_entry(const Entry& entry, const Node& table, const Condition& condition) {
    const auto known = std::ranges::find(rule_.known, entry.key, &Named::name);
    if (known == rule_.known.end()) {
      problems_.error(entry.span, std::string(rule_.unknown) + '"' + entry.key + '"',
                      problems_.did_you_mean(entry.key, names_));
      return;
    }
    const ConditionValues& asked = condition.*rule_.values;
    const auto values = asked.find(entry.key);
    if (known->values.empty() || values == asked.end()) return;
    for (std::size_t i = 0; i < values->second.size(); ++i) {
      if (std::ranges::find(known->values, values->second[i]) != known->values.end()) continue;
      auto hint = problems_.did_you_mean(values->second[i], known->values);
      if (!hint) hint = "its choices are " + quoted_list(known->values, "and");
      problems_.error(Draft::span_of(table, entry.key, i),
                      "\"" + values->second[i] + "\" is no choice of \"" + entry.key + '"',
                      std::move(hint));
    }
  }

  NamedValues rule_;
  Problems& problems_;
  std::vector<std::string> names_;
};

ValueCheck param_check(const Draft& draft, Problems& problems) {
  NamedValues rule{.key = "param",
                   .values = &Condition::param,
                   .unknown = "there is no parameter named ",
                   .known = {}};
  for (const model::Param& param : draft.pipeline.params) {
    rule.known.push_back({param.name, param.choices});
  }
  return {std::move(rule), problems};
}

ValueCheck matrix_check(const Stage& stage, Problems& problems) {
  NamedValues rule{.key = "matrix",
                   .values = &Condition::matrix,
                   .unknown = "the stage has no matrix with ",
                   .known = {}};
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr) return {std::move(rule), problems};
  for (const model::MatrixCell& cell : model::cells_of(work->matrix)) {
    for (const auto& [name, value] : cell) {
      auto known = std::ranges::find(rule.known, name, &Named::name);
      if (known == rule.known.end()) known = rule.known.insert(known, Named{name, {}});
      if (std::ranges::find(known->values, value) == known->values.end()) {
        known->values.push_back(value);
      }
    }
  }
  return {std::move(rule), problems};
}

void check_network(const Stage& stage, const Node& node, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr || stage.kind != model::StageKind::unit) return;
  if (work->sandbox.network == model::NetworkMode::none) return;
  const Node* sandbox = node.find("sandbox");
  problems.error(Draft::span_of(sandbox == nullptr ? node : *sandbox, "network"),
                 "a unit stage may not use the network",
                 R"(give it kind = "integration", or network = "none")");
}

// Placeholders of a cache key that name a parameter or a value of the matrix.
void check_cache_keys(const Draft& draft, const Stage& stage, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr) return;
  const std::vector<model::MatrixCell> cells = model::cells_of(work->matrix);
  const auto has_value = [&](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kParam = "param.";
    constexpr std::string_view kMatrix = "matrix.";
    const auto is_param = [&](const model::Param& param) {
      return name.substr(kParam.size()) == param.name;
    };
    const auto has_name = [&](const model::MatrixCell& cell) {
      return model::find_value(cell, name.substr(kMatrix.size())) != nullptr;
    };
    const bool known =
        name.starts_with(kParam)    ? std::ranges::any_of(draft.pipeline.params, is_param)
        : name.starts_with(kMatrix) ? !cells.empty() && std::ranges::all_of(cells, has_name)
                                    : true;
    return known ? std::optional<std::string>("") : std::nullopt;
  };
  for (const model::CacheSpec& cache : work->caches) {
    std::vector<std::string> keys = cache.fallback;
    keys.push_back(cache.key);
    for (const std::string& key : keys) {
      if (const auto filled = model::fill_placeholders(key, has_value); !filled) {
        problems.error(cache.span, filled.error().to_string());
      }
    }
  }
}

// `node`: the stage's.
void check_service(const Stage& stage, std::size_t index, const Node& node, ValueCheck& params,
                   Problems& problems) {
  const auto& services = std::get<model::CommandWork>(stage.work).services;
  const model::ServiceSpec& service = services[index];
  const auto earlier = services.begin() + static_cast<std::ptrdiff_t>(index);
  if (std::find_if(services.begin(), earlier, [&](const auto& other) {
        return other.name == service.name && !service.name.empty();
      }) != earlier) {
    problems.error(service.span, "there are two services named \"" + service.name + '"',
                   "their logs and messages need a name each");
  }
  const Node* when = node.find("when");
  if (when == nullptr || !service.when) return;
  params.check(*when, *service.when);
  matrix_check(stage, problems).check(*when, *service.when);
  if (const Node* status = when->find("status")) {
    problems.error(status->span, R"(a service's "when" has no "status")",
                   "the stage's own \"when\" says what must have become of its needs");
  }
}

void check_services(const Stage& stage, const Node& node, ValueCheck& params, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  const Node* list = node.find("service");
  if (work == nullptr || list == nullptr || list->list() == nullptr) return;
  if (stage.kind == model::StageKind::unit && !list->list()->empty()) {
    const Node& first = list->list()->front();
    problems.error(Draft::span_of(first, "name"), "a unit stage may not have services",
                   R"(give it kind = "integration")");
  }
  if (list->list()->size() != work->services.size()) return;  // one could not be read
  for (std::size_t i = 0; i < work->services.size(); ++i) {
    check_service(stage, i, (*list->list())[i], params, problems);
  }
}

void check_tools(const Stage& stage, const Node& node, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr || work->tools.empty() || !work->inputs.empty()) return;
  problems.error(Draft::span_of(node, "tools"), R"("tools" say nothing without "inputs")",
                 "only a stage with inputs has results that are used again");
}

// A test stage without results is not to be told from one that tests nothing.
void check_reports(const Stage& stage, const Node& node, Problems& problems) {
  const bool tests = stage.kind == model::StageKind::unit ||
                     stage.kind == model::StageKind::integration ||
                     stage.kind == model::StageKind::acceptance;
  if (!tests || node.find("reports") != nullptr) return;
  problems.error(
      stage.span,
      "a stage of kind \"" + std::string(to_string(stage.kind)) + "\" must say how its tests went",
      R"(reports = { junit = ["build/junit.xml"] }, or reports = "none")");
}

// Every part of a split stage would make the same artifact.
void check_split(const Stage& stage, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr || !work->split) return;
  if (!work->artifacts.empty()) {
    problems.error(
        work->artifacts.front().span,
        "each part of the split stage would make \"" + work->artifacts.front().name + '"',
        "hand it on with `outputs`, and pack it in a stage that needs this one");
  }
  if (std::ranges::find(work->matrix.axes, "split", &model::MatrixAxis::name) !=
      work->matrix.axes.end()) {
    problems.error(work->split->span, "the matrix of a split stage has an axis \"split\", too",
                   "the names of its jobs would say two things by one name");
  }
}

}  // namespace

void check_stages(const Draft& draft, Problems& problems) {
  ValueCheck params = param_check(draft, problems);
  for (std::size_t i = 0; i < draft.pipeline.stages.size(); ++i) {
    const Stage& stage = draft.pipeline.stages[i];
    const Node& node = *draft.stage_nodes[i];
    if (const Node* when = node.find("when"); when != nullptr && stage.when) {
      params.check(*when, *stage.when);
      matrix_check(stage, problems).check(*when, *stage.when);
    }
    check_network(stage, node, problems);
    check_cache_keys(draft, stage, problems);
    check_tools(stage, node, problems);
    check_split(stage, problems);
    check_reports(stage, node, problems);
    check_services(stage, node, params, problems);
  }
}

}  // namespace pipeline::config
