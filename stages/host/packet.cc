#include "stages/host/packet.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace pipeline::host {

namespace {

constexpr std::size_t kControlSize = CMSG_SPACE(kMostPacketDescriptors * sizeof(int));

std::vector<UniqueFd> descriptors_of(msghdr& header) {
  std::vector<UniqueFd> result;
  for (cmsghdr* entry = CMSG_FIRSTHDR(&header); entry != nullptr;
       entry = CMSG_NXTHDR(&header, entry)) {
    if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS) continue;
    int received[kMostPacketDescriptors];
    const std::size_t size = entry->cmsg_len - CMSG_LEN(0);
    std::memcpy(received, CMSG_DATA(entry), size);
    for (std::size_t i = 0; i < size / sizeof(int); ++i) result.emplace_back(received[i]);
  }
  return result;
}

}  // namespace

base::Result<PacketSockets> make_packet_sockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return base::fail(base::Error::from_errno(errno, "make a socket pair"));
  }
  return PacketSockets{.ours = UniqueFd(ends[0]), .theirs = UniqueFd(ends[1])};
}

bool send_packet(int socket, const void* bytes, std::size_t size,
                 const std::vector<int>& descriptors, int flags) {
  // The bytes are only read, but iovec has no const.
  iovec part{.iov_base = const_cast<void*>(bytes), .iov_len = size};  // NOLINT(*-const-cast)
  alignas(cmsghdr) char control[kControlSize] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t space = descriptors.size() * sizeof(int);
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(space);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(space);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), space);
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &header, flags | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

std::optional<ReceivedPacket> receive_packet(int socket, void* bytes, std::size_t size, int flags) {
  iovec part{.iov_base = bytes, .iov_len = size};
  alignas(cmsghdr) char control[kControlSize] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  return ReceivedPacket{.size = static_cast<std::size_t>(got),
                        .descriptors = descriptors_of(header)};
}

}  // namespace pipeline::host
