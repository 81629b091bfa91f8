// What launcher, zygote and helper say to each other over sockets of type SOCK_SEQPACKET, one
// message a packet.
//
// Launcher → zygote: Birth, which carries the new helper's control socket and the file that its
// complaints go to. Closing the socket ends the zygote, and no helper.
// Launcher → helper, over its control socket: Ordered, which carries the order (order.h) in a
// memfd; then Requests. Helper → launcher: Notices. When the launcher closes its end, or only shuts
// down its sending, the helper kills the job and cleans up. When the helper's end closes, nothing
// of the job is left, and result.json is there.
#pragma once

#include <cstdint>

#include "stages/sandbox/confinement.h"

namespace pipeline::sandbox {

// The zygote's end of its socket, besides 0, 1 and 2.
inline constexpr int kZygoteFd = 3;

struct Birth {
  Confinement confinement = Confinement::own_network;
};

// Raised with every change of what is said here, in order.h or in result.json: a program and a
// helper of different builds must not guess what the other means.
inline constexpr std::uint32_t kWireVersion = 3;

struct Ordered {
  std::uint32_t version = kWireVersion;
};

enum class Request : std::uint8_t { cancel = 1, time_out = 2, kill = 3 };

struct Notice {
  enum class Kind : std::uint32_t {
    prepared = 1,  // carries a pidfd of the job's first process
    command_started = 2,
    command_finished = 3,
    service_awaited = 4,  // service `index` was started, and it takes time to be ready
  };
  Kind kind = Kind::prepared;
  std::uint32_t index = 0;
  std::int32_t exit_code = 0;
};

}  // namespace pipeline::sandbox
