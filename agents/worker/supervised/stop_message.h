// How a coordinator tells a supervisor to end its job: a packet on the attempt's control socket.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/run/outcome.h"

namespace pipeline::worker {

// As link.h has it: stop() or stop_now().
struct StopMessage {
  bool now = false;  // the rest counts for nothing then
  run::JobStatus as = run::JobStatus::cancelled;
  std::string reason;  // what does not fit into a packet is cut off
  bool operator==(const StopMessage&) const = default;
};

inline constexpr std::size_t kMostStopBytes = 4096;

std::string to_packet(const StopMessage& message);
// None: something else.
std::optional<StopMessage> stop_message_from(std::string_view packet);

}  // namespace pipeline::worker
