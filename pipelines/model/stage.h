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
#include "pipelines/model/agent_spec.h"
#include "pipelines/model/condition.h"
#include "pipelines/model/environment.h"
#include "pipelines/model/matrix.h"
#include "pipelines/model/service.h"

namespace pipeline::model {

enum class StageKind { command, unit, integration, acceptance, deploy, approval, pipeline };

struct Need {
  std::string stage;
  bool optional = false;  // written "lint?": a skipped need does not skip this stage
  base::SourceSpan span;
};

struct ArtifactSpec {
  std::string name;                // may hold {matrix.NAME}
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

// Which agents of a server may run it. A run without a server is run by the machine that it is on.
// A directory of the workspace that survives runs, best effort. Key and fallbacks may hold
// {placeholders}.
struct CacheSpec {
  std::string path;                   // relative to the workspace, no trailing '/'
  std::string key;                    // what it is saved as, and looked for first
  std::vector<std::string> fallback;  // keys looked for after it, in order
  base::SourceSpan span;
};

enum class CoverageFormat { cobertura };

struct CoverageSpec {
  CoverageFormat format = CoverageFormat::cobertura;
  std::string path;  // relative to the workspace, may be a glob
  bool operator==(const CoverageSpec&) const = default;
};

// What the commands say of themselves in files, read when they are over, failed or not.
struct ReportSpec {
  std::vector<std::string> junit;  // globs, relative to the workspace
  std::optional<CoverageSpec> coverage;
  std::vector<std::string> quarantine;  // names of tests, see pipelines/report/quarantine.h
  bool operator==(const ReportSpec&) const = default;
};

// The stage runs `total` times, each with its part of the work.
struct SplitSpec {
  std::uint32_t total = 1;
  std::optional<std::string> files;  // glob; its matches are divided among the parts
  base::SourceSpan span;
};

// Which of a split stage's parts a job is.
struct SplitPart {
  std::uint32_t index = 1;  // from 1 to total
  std::uint32_t total = 1;
  bool operator==(const SplitPart&) const = default;
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
  std::optional<ReportSpec> reports;
  std::vector<std::string> uses;  // artifact names, which may hold {matrix.NAME}
  Matrix matrix;                  // empty: one job
  std::optional<SplitSpec> split;
  std::vector<CacheSpec> caches;
  std::vector<std::string> tools;  // programs whose versions a result depends on
  std::string workdir;             // relative to the workspace, empty: its root
  std::vector<ServiceSpec> services;
  SandboxSpec sandbox;
  AgentSpec agent;
};

// The work of a deploy stage.
struct DeployWork {
  std::string environment;
  std::string artifact;
  std::optional<std::string> promote_from;
  std::optional<StrategySpec> strategy;  // instead of the environment's own
};

// The work of an approval: a person's.
struct ApprovalWork {
  std::vector<std::string> approvers;  // "alice", "group:release"; empty: anybody
  std::string prompt;                  // what is asked; empty: the stage's name says it
};

// The work of a `pipeline` stage: a run of another pipeline of the same tree.
struct ChildWork {
  std::string pipeline;                       // its name, as `pipeline run NAME` takes it
  std::map<std::string, std::string> params;  // as text
};

// Further attempts of a job that ended badly.
struct RetrySpec {
  std::uint32_t max = 1;
  bool on_errored = true;
  bool on_failed = false;
  bool on_timeout = false;
  base::Duration backoff{0};  // before the first; doubled before each one after it
};

struct Stage {
  std::string name;
  StageKind kind = StageKind::command;
  std::optional<std::vector<Need>> needs;  // none: the stage above
  std::optional<Condition> when;
  base::Duration timeout = std::chrono::hours(1);
  bool allow_failure = false;
  std::optional<RetrySpec> retry;   // none: an end stands
  std::optional<std::string> lock;  // held across all runs while a job of the stage runs
  std::variant<CommandWork, DeployWork, ApprovalWork, ChildWork> work;
  base::SourceSpan span;  // of its name
};

std::string_view to_string(StageKind kind);

}  // namespace pipeline::model
