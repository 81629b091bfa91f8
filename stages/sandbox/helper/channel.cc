#include "stages/sandbox/helper/channel.h"

#include <sys/socket.h>

#include <cstring>

#include "pipelines/base/reason.h"

namespace pipeline::sandbox::helper {

bool send(int socket, const ToInside& message, const std::vector<int>& descriptors) {
  return host::send_message(socket, message, descriptors, MSG_DONTWAIT);
}

bool send(int socket, const FromInside& message, const std::vector<int>& descriptors) {
  return host::send_message(socket, message, descriptors);
}

std::optional<Instruction> receive_instruction(int socket) {
  return host::receive_message<ToInside>(socket);
}

std::optional<Report> receive_report(int socket) {
  auto report = host::receive_message<FromInside>(socket, MSG_DONTWAIT);
  if (report) report->message.text[sizeof report->message.text - 1] = '\0';
  return report;
}

FromInside failure(const base::Error& error) {
  const std::string text = base::reason_of(error);
  FromInside message{.kind = FromInside::Kind::failed};
  // Only overlayfs is allowed to be unavailable: there is another way without it.
  if (error.kind() == base::ErrorKind::unavailable) message.status = kOverlayRefused;
  if (error.kind() == base::ErrorKind::invalid) message.status = kJobsDoing;
  std::memcpy(message.text, text.data(), std::min(text.size(), sizeof message.text - 1));
  return message;
}

}  // namespace pipeline::sandbox::helper
