// What json_codec.h writes of an environment. Source spans are not written: whoever reads it does
// not have the file that it came from.
#pragma once

#include "pipelines/model/environment.h"
#include "pipelines/rollout/json_codec.h"

namespace pipeline::model {
BOOST_DESCRIBE_ENUM(StrategyKind, all_at_once, rolling, blue_green)
BOOST_DESCRIBE_STRUCT(PortRange, (), (first, last))
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (http_path, interval, timeout, rise, fall, deadline))
BOOST_DESCRIBE_STRUCT(StopSpec, (), (signal, timeout))
BOOST_DESCRIBE_STRUCT(RetainSpec, (), (releases, warm))
BOOST_DESCRIBE_STRUCT(SwitchSpec, (), (listen, preview))
BOOST_DESCRIBE_STRUCT(StrategySpec, (), (kind, batch, batch_is_percent, bake))
BOOST_DESCRIBE_STRUCT(ToggleGate, (), (off))
BOOST_DESCRIBE_STRUCT(SmokeGate, (), (run, timeout))
BOOST_DESCRIBE_STRUCT(GateSpec, (), (gate))
BOOST_DESCRIBE_STRUCT(AgentSpec, (), (labels))
BOOST_DESCRIBE_STRUCT(Environment, (),
                      (name, target, instances, start, ports, health, stop, drain, retain,
                       allow_downtime, traffic, strategy, gates, toggles, agent))
}  // namespace pipeline::model

namespace pipeline::rollout::codec {

using Gate = std::variant<model::ToggleGate, model::SmokeGate>;
template <>
struct Tagged<Gate> : std::true_type {
  static constexpr std::string_view kKey = "kind";
  static constexpr std::array<std::string_view, std::variant_size_v<Gate>> kNames = {"toggle",
                                                                                     "smoke"};
};

}  // namespace pipeline::rollout::codec
