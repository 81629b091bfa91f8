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

// How the driver of a deployment reaches the journal in its server's store: with the lease of its
// attempt.
struct JournalAccess {
  std::string server{};       // its address
  std::string token{};        // the agent's
  std::string authorities{};  // a PEM file; empty: those that the system trusts
  std::string agent{};        // the name of this machine
  std::uint64_t fence = 0;    // of the lease
};

// look: how the instances are; nothing is changed.
enum class DeployAction { deploy, resume, roll_back, shut_down, look };

// Brings a release to an environment, or does to one what people ask for.
struct DeployOrder {
  // Strategy override applied. Of the other actions its name, and for which agents it is.
  model::Environment environment;
  ArtifactUse artifact;  // of resume and roll_back: what serves, or shall serve again
  std::optional<std::string> promote_from;
  DeployAction action = DeployAction::deploy;
  std::optional<std::uint64_t> release{};  // of roll_back; none: the one before the current
  bool force = false;
  // Whose pipeline it is, in the journal's words; empty: the order's repository.
  std::string repository{};
  // The agent on whose machine it has to be, since that is where it serves; none: any that has the
  // labels.
  std::optional<std::string> machine{};
  std::optional<JournalAccess> journal{};  // none: this machine keeps it
  std::string by{};                        // who asked for it, or what did; empty: not known
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
