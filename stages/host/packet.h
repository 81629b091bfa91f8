// One packet and the descriptors that travel with it, over a SOCK_SEQPACKET socket. Both ends are
// on one machine, so a packet is the bytes of a plain struct.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

struct PacketSockets {
  UniqueFd ours;
  UniqueFd theirs;
};
base::Result<PacketSockets> make_packet_sockets();

// The most descriptors that one packet carries.
inline constexpr std::size_t kMostPacketDescriptors = 4;

struct ReceivedPacket {
  std::size_t size = 0;
  std::vector<UniqueFd> descriptors;
};

// MSG_NOSIGNAL always; false, with errno set, when it was not taken. Interrupted calls go on.
bool send_packet(int socket, const void* bytes, std::size_t size,
                 const std::vector<int>& descriptors, int flags);
// None, with errno set, when nothing is there for now; a packet of size 0 when the other end is
// gone.
std::optional<ReceivedPacket> receive_packet(int socket, void* bytes, std::size_t size, int flags);

template <class Message>
bool send_message(int socket, const Message& message, const std::vector<int>& descriptors = {},
                  int flags = 0) {
  static_assert(std::is_trivially_copyable_v<Message>);
  return send_packet(socket, &message, sizeof message, descriptors, flags);
}

template <class Message>
struct Received {
  Message message;
  std::vector<UniqueFd> descriptors;
};

// None when nothing is there for now, when the other end is gone, and for a packet of another size.
template <class Message>
std::optional<Received<Message>> receive_message(int socket, int flags = 0) {
  static_assert(std::is_trivially_copyable_v<Message>);
  Received<Message> received;
  auto packet = receive_packet(socket, &received.message, sizeof(Message), flags);
  if (!packet || packet->size != sizeof(Message)) return std::nullopt;
  received.descriptors = std::move(packet->descriptors);
  return received;
}

}  // namespace pipeline::host
