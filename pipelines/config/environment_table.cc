// [environment.NAME] and what is in it.
#include <variant>

#include "pipelines/config/formats.h"
#include "pipelines/config/later.h"
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::Environment;
using model::GateSpec;
using model::HealthCheck;
using model::RetainSpec;
using model::SmokeGate;
using model::StopSpec;
using model::StrategyKind;
using model::StrategySpec;
using model::SwitchSpec;
using model::ToggleGate;

Type<model::PortRange> ports() {
  return from_text<model::PortRange>("a range of ports such as \"8101-8132\"", parse_ports,
                                     {{"pattern", kPortsPattern}});
}

Type<std::string> target() {
  return choice<std::string>({{"process", "process"}}, later_targets());
}

const Table<HealthCheck>& health_table() {
  static const auto the_table = [] {
    Table<HealthCheck> table("health", "how it is seen that an instance is well");
    table.key("http", http_path(), &HealthCheck::http_path,
              "path that answers 2xx or 3xx; without it, a TCP connection must be accepted");
    table.key("interval", positive_duration(), &HealthCheck::interval, "between two checks")
        .fallback("500ms");
    table.key("timeout", positive_duration(), &HealthCheck::timeout, "for one answer")
        .fallback("2s");
    table.key("rise", count(1, 100), &HealthCheck::rise, "successes in a row that make it healthy")
        .fallback(2);
    table.key("fall", count(1, 100), &HealthCheck::fall, "failures in a row that make it unhealthy")
        .fallback(3);
    table
        .key("deadline", positive_duration(), &HealthCheck::deadline,
             "for becoming healthy after a start")
        .fallback("30s");
    return table;
  }();
  return the_table;
}

const Table<StopSpec>& stop_table() {
  static const auto the_table = [] {
    Table<StopSpec> table("stop", "how an instance is asked to end");
    table
        .key("signal",
             // Linux's numbers; <csignal> has no place in pure code.
             choice<int>({{"TERM", 15},
                          {"INT", 2},
                          {"QUIT", 3},
                          {"HUP", 1},
                          {"USR1", 10},
                          {"USR2", 12},
                          {"KILL", 9}}),
             &StopSpec::signal, "sent first")
        .fallback("TERM");
    table.key("timeout", positive_duration(), &StopSpec::timeout, "until it is killed")
        .fallback("10s");
    return table;
  }();
  return the_table;
}

const Table<RetainSpec>& retain_table() {
  static const auto the_table = [] {
    Table<RetainSpec> table("retain", "what is kept of earlier releases");
    table.key("releases", count(1, 1000), &RetainSpec::releases, "unpacked releases kept")
        .fallback(3);
    table
        .key("warm", duration(), &RetainSpec::warm,
             "how long the previous fleet stays up, out of traffic")
        .fallback("10m");
    return table;
  }();
  return the_table;
}

const Table<SwitchSpec>& switch_table() {
  static const auto the_table = [] {
    Table<SwitchSpec> table("switch", "what decides which instances get requests");
    const auto kind = choice<std::string>({{"haproxy", "haproxy"}});
    table
        .custom_key(
            "kind", kind.schema,
            [kind](const Node& node, SwitchSpec&, Problems& problems) {
              std::string only_one;
              return kind.read(node, only_one, problems);
            },
            "the program")
        .fallback("haproxy");
    table.key("listen", address(), &SwitchSpec::listen, "host:port that users reach").required();
    table
        .key("preview", address(), &SwitchSpec::preview,
             "host:port that reaches only the new release; smoke tests use it")
        .required();
    return table;
  }();
  return the_table;
}

Type<StrategyKind> strategy_kind() {
  return choice<StrategyKind>({{"all-at-once", StrategyKind::all_at_once},
                               {"rolling", StrategyKind::rolling},
                               {"blue-green", StrategyKind::blue_green}},
                              later_strategies());
}

// A strategy that cannot be read has a batch of 0, which the rules take as "reported already".
bool read_strategy_kind(const Node& node, StrategySpec& strategy, Problems& problems) {
  static const auto type = strategy_kind();
  const bool good = type.read(node, strategy.kind, problems);
  if (!good) strategy.batch = 0;
  return good;
}

bool read_batch(const Node& node, StrategySpec& strategy, Problems& problems) {
  strategy.batch = 0;
  constexpr std::uint32_t kMost = 10000;
  static const auto count_type = count(1, kMost);
  const std::string* text = node.text();
  if (text == nullptr) return count_type.read(node, strategy.batch, problems);
  const auto percent = parse_percent(*text);
  if (!percent) {
    problems.error(node.span, percent.error().to_string(), "write 2 or \"25%\"");
    return false;
  }
  strategy.batch = *percent;
  strategy.batch_is_percent = true;
  return true;
}

boost::json::object batch_schema(Definitions&) {
  return {{"anyOf",
           {{{"type", "integer"}, {"minimum", 1}},
            {{"type", "string"}, {"pattern", kPercentPattern}}}}};
}

// The keys of each kind of gate live in their own alternative, made when the kind is read.
bool read_gate_kind(const Node& node, GateSpec& gate, Problems& problems) {
  static const auto type =
      choice<std::string>({{"toggle", "toggle"}, {"smoke", "smoke"}}, later_gates());
  std::string kind;
  if (!type.read(node, kind, problems)) return false;
  if (kind == "smoke") gate.gate = SmokeGate{};
  return true;
}

const Table<GateSpec>& gate_table() {
  static const auto the_table = [] {
    Table<GateSpec> table("gate", "what must hold before users see the release");
    table.tagged_by("kind", std::nullopt);
    table
        .custom_key("kind", choice<int>({{"toggle", 0}, {"smoke", 1}}).schema, read_gate_kind,
                    "toggle: flags that must be off; smoke: commands that must succeed")
        .required();
    table
        .key(
            "off", one_or_list_of(flag_key()),
            [](GateSpec & gate) -> auto& { return std::get<ToggleGate>(gate.gate).off; },
            "flags that must evaluate to off for an unlisted user")
        .required()
        .only_for({"toggle"});
    table
        .key(
            "run", commands(),
            [](GateSpec & gate) -> auto& { return std::get<SmokeGate>(gate.gate).run; },
            "commands, with PREVIEW_URL and PUBLIC_URL in their environment")
        .required()
        .only_for({"smoke"});
    table
        .key(
            "timeout", positive_duration(),
            [](GateSpec & gate) -> auto& { return std::get<SmokeGate>(gate.gate).timeout; },
            "for all commands together")
        .fallback("2m")
        .only_for({"smoke"});
    table.at_end([](const Node& node, GateSpec& gate, Problems&) {
      gate.span = Draft::span_of(node, "kind");
    });
    return table;
  }();
  return the_table;
}

void declare_fleet_keys(Table<Environment>& table) {
  table.key("target", target(), &Environment::target, "how instances are run").fallback("process");
  table.key("instances", count(1, 10000), &Environment::instances, "size of the fleet").fallback(1);
  table
      .key("start", non_empty_text(), &Environment::start,
           "command that runs one instance, in the unpacked release, with PORT set")
      .required();
  table.key("ports", ports(), &Environment::ports, "what instances may listen on").required();
  table.key("health", table_type(health_table, "a table"), &Environment::health,
            "how it is seen that an instance is well");
  table.key("stop", table_type(stop_table, "a table"), &Environment::stop,
            "how an instance is asked to end");
  table.key("agent", table_type(agent_table, R"(a table such as { labels = ["production"] })"),
            &Environment::agent,
            "which agents of a server may deploy to it; without it, the server's machine does");
}

void declare_release_keys(Table<Environment>& table) {
  table
      .key("drain", duration(), &Environment::drain,
           "how long an instance that leaves traffic may finish its requests")
      .fallback("10s");
  table.key("retain", table_type(retain_table, "a table"), &Environment::retain,
            "what is kept of earlier releases");
  table
      .key("allow_downtime", boolean(), &Environment::allow_downtime,
           "whether a deployment may leave nobody serving")
      .fallback(false);
  table
      .key("switch", table_type(switch_table, "a table"), &Environment::traffic,
           "what decides which instances get requests")
      .required();
  table.key("strategy", table_type(strategy_table, "a table"), &Environment::strategy,
            "how the new release takes over; without it, blue-green");
  table.key("gate", list_of(table_type(gate_table, "a table with a kind")), &Environment::gates,
            "what must hold before users see the release");
  table.key("toggles", relative_path(), &Environment::toggles,
            "flagd file of this environment; without it, the pipeline's own");
}

}  // namespace

const Table<StrategySpec>& strategy_table() {
  static const auto the_table = [] {
    Table<StrategySpec> table("strategy", "how the new release takes over from the old");
    table.tagged_by("kind", std::nullopt);
    table.custom_key("kind", strategy_kind().schema, read_strategy_kind, "the strategy").required();
    table
        .custom_key("batch", batch_schema, read_batch,
                    "instances changed at a time: a count, or \"25%\" of the fleet, rounded up")
        .fallback(1)
        .only_for({"rolling"});
    table.key("bake", duration(), &StrategySpec::bake, "wait and watch after each shift")
        .fallback("0s")
        .only_for({"rolling", "blue-green"});
    table.at_end([](const Node& node, StrategySpec& strategy, Problems&) {
      strategy.span = Draft::span_of(node, "kind");
    });
    return table;
  }();
  return the_table;
}

const Table<Environment>& environment_table() {
  static const auto the_table = [] {
    Table<Environment> table("environment", "where releases run");
    declare_fleet_keys(table);
    declare_release_keys(table);
    return table;
  }();
  return the_table;
}

bool read_environments(const Node& node, Draft& draft, Problems& problems) {
  static const auto name_type = name();
  if (node.table() == nullptr) {
    return report_wrong_type(node, "tables such as [environment.production]", problems);
  }
  bool good = true;
  for (const Entry& entry : *node.table()) {
    Environment environment;
    environment.toggles = draft.toggles;
    environment.span = entry.span;
    environment.strategy.span = entry.span;
    good = name_type.read(Node{entry.key, entry.span}, environment.name, problems) && good;
    good = environment_table().read(entry.value, environment, problems) && good;
    if (entry.value.table() == nullptr) continue;
    environment.name = entry.key;
    draft.pipeline.environments.push_back(std::move(environment));
    draft.environment_nodes.push_back(&entry.value);
  }
  return good;
}

}  // namespace pipeline::config
