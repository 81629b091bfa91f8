// Rules of a stage by itself, and of its conditions on parameters.
#include <algorithm>
#include <string>
#include <variant>

#include "pipelines/config/rules.h"

namespace pipeline::config {

namespace {

using model::Condition;
using model::Param;
using model::Stage;

class ParamCheck {
 public:
  ParamCheck(const std::vector<Param>& params, Problems& problems)
      : params_(params), problems_(problems) {
    for (const Param& param : params) names_.push_back(param.name);
  }

  // `node` is the table that `condition` was read from. Negated tables lie one level below.
  void check(const Node& node, const Condition& condition) {
    const Node* table = node.find("param");
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
    const auto param = std::ranges::find(params_, entry.key, &Param::name);
    if (param == params_.end()) {
      problems_.error(entry.span, "there is no parameter named \"" + entry.key + '"',
                      problems_.did_you_mean(entry.key, names_));
      return;
    }
    const auto values = condition.param.find(entry.key);
    if (param->choices.empty() || values == condition.param.end()) return;
    for (std::size_t i = 0; i < values->second.size(); ++i) {
      if (std::ranges::find(param->choices, values->second[i]) != param->choices.end()) continue;
      auto hint = problems_.did_you_mean(values->second[i], param->choices);
      if (!hint) hint = "its choices are " + quoted_list(param->choices, "and");
      problems_.error(Draft::span_of(table, entry.key, i),
                      "\"" + values->second[i] + "\" is no choice of \"" + entry.key + '"',
                      std::move(hint));
    }
  }

  const std::vector<Param>& params_;
  Problems& problems_;
  std::vector<std::string> names_;
};

void check_network(const Stage& stage, const Node& node, Problems& problems) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr || stage.kind != model::StageKind::unit) return;
  if (work->sandbox.network == model::NetworkMode::none) return;
  const Node* sandbox = node.find("sandbox");
  problems.error(Draft::span_of(sandbox == nullptr ? node : *sandbox, "network"),
                 "a unit stage may not use the network",
                 R"(give it kind = "integration", or network = "none")");
}

}  // namespace

void check_stages(const Draft& draft, Problems& problems) {
  ParamCheck params(draft.pipeline.params, problems);
  for (std::size_t i = 0; i < draft.pipeline.stages.size(); ++i) {
    const Stage& stage = draft.pipeline.stages[i];
    const Node& node = *draft.stage_nodes[i];
    if (const Node* when = node.find("when"); when != nullptr && stage.when) {
      params.check(*when, *stage.when);
    }
    check_network(stage, node, problems);
  }
}

}  // namespace pipeline::config
