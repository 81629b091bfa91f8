#include "tests/support/http/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdlib>

namespace pipeline::support {

namespace {

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

std::size_t content_length(const std::string& head) {
  for (const auto* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const auto at = head.find(name);
    if (at != std::string::npos) {
      return std::strtoul(head.c_str() + at + std::string_view(name).size(), nullptr, 10);
    }
  }
  return 0;
}

bool read_more(int fd, std::string& buffer) {
  char bytes[16384];
  const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(got));
  return true;
}

}  // namespace

host::UniqueFd listen_on_loopback(std::uint16_t& port) {
  host::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto address = address_of("127.0.0.1", port);
  socklen_t length = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return {};
  }
  port = ntohs(address.sin_port);
  return fd;
}

host::UniqueFd connect_to(const std::string& host, std::uint16_t port) {
  host::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  constexpr timeval kPatience{30, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  const auto address = address_of(host, port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  return fd;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string own_loopback() {
  const auto pid = static_cast<unsigned>(::getpid());  // below 2^22 on Linux
  return "127." + std::to_string(64 + (pid >> 16U)) + "." + std::to_string(pid >> 8U & 255U) + "." +
         std::to_string(pid & 255U);
}

bool read_message(int fd, std::string& buffer, HttpMessage& message) {
  std::size_t head_end = 0;
  while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(fd, buffer)) return false;
  }
  message.head = buffer.substr(0, head_end + 4);
  const std::size_t whole = message.head.size() + content_length(message.head);
  while (buffer.size() < whole) {
    if (!read_more(fd, buffer)) return false;
  }
  message.body = buffer.substr(message.head.size(), whole - message.head.size());
  buffer.erase(0, whole);
  return true;
}

}  // namespace pipeline::support
