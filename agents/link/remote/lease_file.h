// Who has an attempt, beside its log: what tells a server that was started again that an agent goes
// on with it.
#pragma once

#include <filesystem>
#include <optional>

#include "agents/link/remote/lease_board.h"
#include "pipelines/base/result.h"

namespace pipeline::link {

inline constexpr const char* kLeaseName = "lease.json";

// What an attempt that deploys may read and write the journal of.
struct DeployedPlace {
  std::string pipeline{};
  std::string environment{};
  std::optional<std::string> promote_from{};  // another environment, to be read
  bool reads_only = false;

  bool operator==(const DeployedPlace&) const = default;
};

struct HeldLease {
  AgentName agent;
  Fence fence = 0;
  std::optional<DeployedPlace> place{};  // none: it does not deploy
};

// Whole or not at all.
base::Result<> write_lease(const std::filesystem::path& log_directory, const HeldLease& lease);
// It is over: no later server goes on with it. Nothing is said of a disk that does not want to.
void remove_lease(const std::filesystem::path& log_directory);
// None: the attempt was never given to an agent. ErrorKind::corrupt for what write_lease did not
// write.
base::Result<std::optional<HeldLease>> read_lease(const std::filesystem::path& log_directory);

}  // namespace pipeline::link
