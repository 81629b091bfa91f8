#include "stages/sandbox/helper/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace pipeline::sandbox::helper {

namespace {

constexpr std::size_t kMostDescriptors = 2;

}  // namespace

base::Result<Channel> make_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return base::fail(base::Error::from_errno(errno, "make a channel"));
  }
  return Channel{.outside = host::UniqueFd(ends[0]), .inside = host::UniqueFd(ends[1])};
}

bool send(int socket, const ToInside& message) {
  return ::send(socket, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

bool send(int socket, const FromInside& message, const std::vector<int>& descriptors) {
  // The address is only read, but iovec has no const.
  FromInside copy = message;
  iovec part{.iov_base = &copy, .iov_len = sizeof copy};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  return ::sendmsg(socket, &header, MSG_NOSIGNAL) > 0;
}

std::optional<ToInside> receive_order(int socket) {
  ToInside message;
  for (;;) {
    const ssize_t got = ::recv(socket, &message, sizeof message, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof message)) return std::nullopt;
    return message;
  }
}

std::optional<Report> receive_report(int socket) {
  Report report;
  iovec part{.iov_base = &report.message, .iov_len = sizeof report.message};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  for (cmsghdr* entry = CMSG_FIRSTHDR(&header); got > 0 && entry != nullptr;
       entry = CMSG_NXTHDR(&header, entry)) {
    if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS) continue;
    int received[kMostDescriptors];
    const std::size_t size = entry->cmsg_len - CMSG_LEN(0);
    std::memcpy(received, CMSG_DATA(entry), size);
    for (std::size_t i = 0; i < size / sizeof(int); ++i)
      report.descriptors.emplace_back(received[i]);
  }
  if (got != static_cast<ssize_t>(sizeof report.message)) return std::nullopt;
  report.message.text[sizeof report.message.text - 1] = '\0';
  return report;
}

FromInside failure(const base::Error& error) {
  std::string text = error.to_string();
  if (error.hint()) text += " (" + *error.hint() + ")";
  FromInside message{.kind = FromInside::Kind::failed};
  // Only overlayfs is allowed to be unavailable: there is another way without it.
  message.status = error.kind() == base::ErrorKind::unavailable ? 1 : 0;
  std::memcpy(message.text, text.data(), std::min(text.size(), sizeof message.text - 1));
  return message;
}

}  // namespace pipeline::sandbox::helper
