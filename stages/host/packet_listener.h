// SOCK_SEQPACKET sockets that have a name in the file system, however long its path is. The name
// says whether anybody is there: connecting fails when the process that listens is gone, however it
// went, and a connection ends with it. Safe from any thread.
#pragma once

#include <filesystem>
#include <optional>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

// For our own user only. A name that is left over from an earlier listener is taken.
base::Result<UniqueFd> listen_for_packets(const std::filesystem::path& name);
// None: nobody listens.
base::Result<std::optional<UniqueFd>> connect_for_packets(const std::filesystem::path& name);
// Without waiting. Empty: nobody knocks for now.
UniqueFd accept_packets(int listener);

}  // namespace pipeline::host
