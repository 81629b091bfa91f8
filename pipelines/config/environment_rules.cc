// Environments, deploy stages, and whether a strategy's numbers can be had.
#include <map>
#include <string>
#include <variant>

#include "pipelines/config/formats.h"
#include "pipelines/config/rules.h"
#include "pipelines/model/strategy_rules.h"

namespace pipeline::config {

namespace {

using model::DeployWork;
using model::Environment;
using model::StrategyKind;
using model::StrategySpec;

std::string plural(std::uint32_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// `span` is where the strategy is asked for: in the environment or in a deploy stage.
void check_strategy(const StrategySpec& strategy, const Environment& environment,
                    base::SourceSpan span, Problems& problems) {
  if (strategy.batch == 0) return;  // reported already
  const std::string kind = '"' + std::string(to_string(strategy.kind)) + '"';
  if (strategy.kind == StrategyKind::rolling && !strategy.batch_is_percent &&
      strategy.batch > environment.instances) {
    problems.error(span, "a batch of " + std::to_string(strategy.batch) +
                             " is larger than the fleet: \"" + environment.name + "\" has " +
                             plural(environment.instances, "instance"));
  } else if (model::leaves_nobody_serving(strategy, environment.instances) &&
             !environment.allow_downtime) {
    problems.error(
        span, kind + " leaves nobody serving, and \"" + environment.name + "\" does not allow that",
        environment.instances > 1
            ? R"(set allow_downtime = true, or choose "blue-green", or "rolling" in smaller batches)"
            : R"(set allow_downtime = true, or choose "blue-green")");
  }
  if (environment.ports.first == 0) return;  // reported already
  const auto needed = model::ports_needed(environment.instances);
  const auto given =
      static_cast<std::uint32_t>(environment.ports.last - environment.ports.first) + 1;
  if (given >= needed) return;
  const std::uint32_t last = environment.ports.first + needed - 1;
  problems.error(span,
                 kind + " with " + plural(environment.instances, "instance") + " needs " +
                     plural(needed, "port") + ", and \"" + environment.name + "\" has " +
                     std::to_string(given),
                 last > 65535 ? "start the range lower"
                              : "write ports = \"" + std::to_string(environment.ports.first) + "-" +
                                    std::to_string(last) + "\"");
}

// Every address that a switch listens on, to see that no two are one.
class AddressCheck {
 public:
  explicit AddressCheck(Problems& problems) : problems_(problems) {}

  void check(const Environment& environment, const Node& table, std::string_view key,
             const std::string& address) {
    if (address.empty()) return;
    const Node* node = table.find("switch");
    const base::SourceSpan span = Draft::span_of(node == nullptr ? table : *node, key);
    const std::string user = std::string(key) + " of \"" + environment.name + '"';
    const auto [first, is_new] = users_.emplace(address, user);
    if (!is_new) problems_.error(span, address + " is taken already: " + first->second);
    const auto port = port_of(address);
    if (port >= environment.ports.first && port <= environment.ports.last) {
      problems_.error(span,
                      "port " + std::to_string(port) + " is also in the range of the instances");
    }
  }

 private:
  Problems& problems_;
  std::map<std::string, std::string> users_;
};

void check_gates(const Environment& environment, Problems& problems) {
  if (environment.toggles) return;
  for (const model::GateSpec& gate : environment.gates) {
    const auto* toggle = std::get_if<model::ToggleGate>(&gate.gate);
    if (toggle == nullptr || toggle->off.empty()) continue;
    problems.error(
        gate.span,
        "a toggle gate has no flags to look at: \"" + environment.name + "\" names no toggle file",
        "set toggles = \"toggles.json\" at the top or in the environment");
  }
}

class DeploymentCheck {
 public:
  DeploymentCheck(const Draft& draft, Problems& problems) : draft_(draft), problems_(problems) {
    for (const Environment& environment : draft.pipeline.environments) {
      by_name_.emplace(environment.name, &environment);
      names_.push_back(environment.name);
    }
  }

  void check(const DeployWork& work, const Node& node) {
    const Environment* target = find(work.environment, Draft::span_of(node, "environment"));
    if (target != nullptr && work.strategy) {
      check_strategy(*work.strategy, *target, work.strategy->span, problems_);
    }
    if (!work.promote_from || work.promote_from->empty()) return;
    const base::SourceSpan span = Draft::span_of(node, "promote_from");
    if (*work.promote_from == work.environment) {
      problems_.error(span, "\"" + work.environment + "\" cannot be promoted from itself");
    } else {
      find(*work.promote_from, span);
    }
  }

 private:
  const Environment* find(const std::string& name, base::SourceSpan span) {
    if (name.empty()) return nullptr;
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    auto hint = problems_.did_you_mean(name, names_);
    if (!hint) hint = "describe it in [environment." + name + "]";
    problems_.error(span, "there is no environment named \"" + name + '"', std::move(hint));
    return nullptr;
  }

  const Draft& draft_;
  Problems& problems_;
  std::map<std::string_view, const Environment*> by_name_;
  std::vector<std::string> names_;
};

}  // namespace

void check_environments(const Draft& draft, Problems& problems) {
  AddressCheck addresses(problems);
  for (std::size_t i = 0; i < draft.pipeline.environments.size(); ++i) {
    const Environment& environment = draft.pipeline.environments[i];
    const Node& node = *draft.environment_nodes[i];
    check_strategy(environment.strategy, environment, environment.strategy.span, problems);
    addresses.check(environment, node, "listen", environment.traffic.listen);
    addresses.check(environment, node, "preview", environment.traffic.preview);
    check_gates(environment, problems);
  }
}

void check_deployments(const Draft& draft, Problems& problems) {
  DeploymentCheck deployments(draft, problems);
  for (std::size_t i = 0; i < draft.pipeline.stages.size(); ++i) {
    if (const auto* work = std::get_if<DeployWork>(&draft.pipeline.stages[i].work)) {
      deployments.check(*work, *draft.stage_nodes[i]);
    }
  }
}

}  // namespace pipeline::config
