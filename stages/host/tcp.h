// Plain TCP and unix sockets, connected within a deadline, for the few places that need no event
// loop. Safe from any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/listener.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

using Deadline = std::chrono::steady_clock::time_point;

// The socket is non-blocking. Literal addresses only; an empty host is the loopback. "connection
// refused", or ErrorKind::timed_out.
base::Result<UniqueFd> connect_tcp(const Address& address, Deadline deadline);

// The same without waiting: the connection may still be under way, and fail at its first use.
base::Result<UniqueFd> begin_connect_tcp(const Address& address);

// Waits for poll(2) events; false when the deadline passes first.
bool wait_for_events(int fd, short events, Deadline deadline);

// A listening unix socket in the directory, whose path may be longer than a socket's may; whatever
// had the name is replaced. Anybody who reaches the directory may connect.
base::Result<UniqueFd> listen_unix(const std::filesystem::path& directory, const std::string& name);
base::Result<UniqueFd> connect_unix(const std::filesystem::path& directory,
                                    const std::string& name);

}  // namespace pipeline::host
