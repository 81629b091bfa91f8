// Who has an attempt, beside its log: what tells a server that was started again that an agent goes
// on with it.
#pragma once

#include <filesystem>
#include <optional>

#include "agents/link/remote/lease_board.h"
#include "pipelines/base/result.h"

namespace pipeline::link {

inline constexpr const char* kLeaseName = "lease.json";

struct HeldLease {
  AgentName agent;
  Fence fence = 0;
};

// Whole or not at all.
base::Result<> write_lease(const std::filesystem::path& log_directory, const HeldLease& lease);
// None: the attempt was never given to an agent. ErrorKind::corrupt for what write_lease did not
// write.
base::Result<std::optional<HeldLease>> read_lease(const std::filesystem::path& log_directory);

}  // namespace pipeline::link
