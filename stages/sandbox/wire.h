// What launcher and helper say to each other over the control socket (SOCK_SEQPACKET), one message
// a packet. Closing the socket is a message too: the helper then kills the job, the launcher then
// reads result.json.
#pragma once

#include <cstdint>

namespace pipeline::sandbox {

// Descriptors that the helper is started with, besides 0, 1 and 2.
inline constexpr int kControlFd = 3;
inline constexpr int kOrderFd = 4;

enum class Request : std::uint8_t { cancel = 1, time_out = 2, kill = 3 };

struct Notice {
  enum class Kind : std::uint32_t { command_started = 1, command_finished = 2 };
  Kind kind = Kind::command_started;
  std::uint32_t index = 0;
  std::int32_t exit_code = 0;
};

}  // namespace pipeline::sandbox
