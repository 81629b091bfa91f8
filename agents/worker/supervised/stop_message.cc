#include "agents/worker/supervised/stop_message.h"

namespace pipeline::worker {

namespace {

constexpr std::string_view kNow = "now";

}  // namespace

std::string to_packet(const StopMessage& message) {
  if (message.now) return std::string(kNow);
  return (std::string(run::to_string(message.as)) + "\n" + message.reason)
      .substr(0, kMostStopBytes);
}

std::optional<StopMessage> stop_message_from(std::string_view packet) {
  if (packet == kNow) return StopMessage{.now = true, .reason = {}};
  const auto line = packet.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const auto as = run::job_status_from(packet.substr(0, line));
  if (as != run::JobStatus::cancelled && as != run::JobStatus::timed_out) return std::nullopt;
  return StopMessage{.as = *as, .reason = std::string(packet.substr(line + 1))};
}

}  // namespace pipeline::worker
