// Where releases run and how they get there: the `[environment.NAME]` tables. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/source_span.h"
#include "pipelines/model/agent_spec.h"

namespace pipeline::model {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // inclusive
  bool operator==(const PortRange&) const = default;
};

// Either an HTTP path that answers 2xx or 3xx, or (no path) a TCP connection that is accepted.
struct HealthCheck {
  std::optional<std::string> http_path;
  base::Duration interval = std::chrono::milliseconds(500);
  base::Duration timeout = std::chrono::seconds(2);
  std::uint32_t rise = 2;  // consecutive successes that make an instance healthy
  std::uint32_t fall = 3;  // consecutive failures that make it unhealthy
  base::Duration deadline = std::chrono::seconds(30);  // for becoming healthy after a start
  bool operator==(const HealthCheck&) const = default;
};

struct StopSpec {
  int signal = 15;  // SIGTERM
  base::Duration timeout = std::chrono::seconds(10);
  bool operator==(const StopSpec&) const = default;
};

struct RetainSpec {
  std::uint32_t releases = 3;
  base::Duration warm =
      std::chrono::minutes(10);  // how long the previous fleet stays up, out of traffic
  bool operator==(const RetainSpec&) const = default;
};

struct SwitchSpec {
  std::string listen;   // host:port users reach
  std::string preview;  // host:port that reaches only the new release
  bool operator==(const SwitchSpec&) const = default;
};

enum class StrategyKind { all_at_once, rolling, blue_green };

struct StrategySpec {
  StrategyKind kind = StrategyKind::blue_green;
  std::uint32_t batch = 1;        // rolling: instances at a time …
  bool batch_is_percent = false;  // … or percent of the fleet, rounded up
  base::Duration bake{0};         // wait and watch after each shift
  base::SourceSpan span;
};

struct ToggleGate {
  std::vector<std::string> off;  // flag keys that must evaluate to off for an unlisted user
};

struct SmokeGate {
  std::vector<std::string> run;  // commands, with PREVIEW_URL / PUBLIC_URL in the environment
  base::Duration timeout = std::chrono::minutes(2);
};

struct GateSpec {
  std::variant<ToggleGate, SmokeGate> gate;
  base::SourceSpan span;
};

struct Environment {
  std::string name;
  std::string target = "process";
  std::uint32_t instances = 1;
  std::string start;  // shell command run in the unpacked release
  PortRange ports;
  HealthCheck health;
  StopSpec stop;
  base::Duration drain = std::chrono::seconds(10);
  RetainSpec retain;
  bool allow_downtime = false;
  SwitchSpec traffic;  // `switch` in the file
  StrategySpec strategy;
  std::vector<GateSpec> gates;
  std::optional<std::string> toggles;  // flagd file of this environment, a path in the repository
  base::SourceSpan span;
  AgentSpec agent{};  // whose machine it is on, below a server; without labels: the server's
};

std::string_view to_string(StrategyKind kind);

}  // namespace pipeline::model
