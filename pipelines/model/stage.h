// One stage as its author meant it: defaults filled in, templates applied, nothing resolved against
// a run yet. Plain values; pipelines/config makes them, everything after only reads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/source_span.h"
#include "pipelines/model/condition.h"
#include "pipelines/model/environment.h"

namespace pipeline::model {

enum class StageKind { command, unit, integration, acceptance, deploy };

struct Need {
  std::string stage;
  bool optional = false;  // written "lint?": a skipped need does not skip this stage
  base::SourceSpan span;
};

struct ArtifactSpec {
  std::string name;
  std::vector<std::string> paths;  // globs, relative to the workspace
  base::SourceSpan span;
};

enum class NetworkMode { none, host };

// What the stage asks of its sandbox. The defaults are what a stage gets that asks for nothing.
struct SandboxSpec {
  NetworkMode network = NetworkMode::none;
  std::uint64_t memory = std::uint64_t{4} << 30U;  // bytes, whole job
  double cpus = 0;                                 // 0: no limit but the machine
  std::uint32_t processes = 4096;
  std::uint64_t disk = std::uint64_t{16} << 30U;    // bytes written: workspace and /tmp together
  std::uint64_t output = std::uint64_t{64} << 20U;  // bytes of log kept; head and tail survive
  std::vector<std::string> readable;                // host paths made visible read-only
  bool operator==(const SandboxSpec&) const = default;
};

// The work of command, unit, integration and acceptance stages.
struct CommandWork {
  std::vector<std::string> run;
  std::vector<std::string> shell = {"/bin/sh", "-eu"};
  std::map<std::string, std::string> env;
  std::vector<std::string> secrets;  // names; values come from the run's secret sources
  std::vector<std::string> inputs;   // globs; empty: never reused
  std::vector<std::string>
      outputs;  // files or directories handed on, no globs, trailing '/' removed
  std::vector<ArtifactSpec> artifacts;
  std::vector<std::string> uses;  // artifact names
  std::string workdir;            // relative to the workspace, empty: its root
  SandboxSpec sandbox;
};

// The work of a deploy stage.
struct DeployWork {
  std::string environment;
  std::string artifact;
  std::optional<std::string> promote_from;
  std::optional<StrategySpec> strategy;  // instead of the environment's own
};

struct Stage {
  std::string name;
  StageKind kind = StageKind::command;
  std::optional<std::vector<Need>> needs;  // none: the stage above
  std::optional<Condition> when;
  base::Duration timeout = std::chrono::hours(1);
  bool allow_failure = false;
  std::variant<CommandWork, DeployWork> work;
  base::SourceSpan span;  // of its name
};

std::string_view to_string(StageKind kind);

}  // namespace pipeline::model
