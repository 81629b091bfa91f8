// Everything a worker needs to run one attempt of one job, and nothing it would have to ask back
// for. A value: in process it is moved, to another one it travels as JSON (job_order_json.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/model/environment.h"
#include "pipelines/model/stage.h"
#include "pipelines/run/event.h"

namespace pipeline::protocol {

struct ArtifactUse {
  std::string name;
  base::Digest digest{base::Digest::Bytes{}};
};

// Runs commands in a sandbox.
struct CommandOrder {
  model::CommandWork work;  // of its services those that this job has
  std::map<std::string, std::string>
      env;  // complete but for WORKSPACE and ARTIFACT_*, which only the worker knows
  std::map<std::string, std::string>
      secrets;                       // name → value: set in the environment, masked in the log
  std::vector<base::Digest> layers;  // outputs of needed jobs, lowest first
  std::vector<ArtifactUse> uses;
  bool trusted = true;  // whether what it caches may be read by every later run
};

// Brings a release to an environment.
struct DeployOrder {
  model::Environment environment;  // strategy override applied
  ArtifactUse artifact;
  std::optional<std::string> promote_from;
};

// Waits for a person.
struct ApprovalOrder {
  std::string stage;
  model::ApprovalWork work;
};

// Runs another pipeline of the same tree, as a run of its own.
struct ChildOrder {
  model::ChildWork work;
};

struct JobOrder {
  run::RunId run = 0;
  std::string pipeline;  // its name; environments belong to it
  std::string job;
  std::uint32_t attempt = 1;
  model::StageKind kind = model::StageKind::command;
  std::string repository;  // of the mirror that holds the tree
  std::string commit;
  std::string tree;  // git tree id
  base::Duration timeout{0};
  std::optional<std::string> lock;      // held while the job runs
  bool keep = false;                    // leave the workspace
  bool another_may_follow = false;      // of this run: worth getting ready for
  std::filesystem::path log_directory;  // exists; the job's log, index and result go there
  std::variant<CommandOrder, DeployOrder, ApprovalOrder, ChildOrder> work;
};

}  // namespace pipeline::protocol
