#include "stages/host/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <vector>

#include "stages/host/file.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

using base::Result;

namespace {

tl::unexpected<base::Error> not_an_address(std::string_view text) {
  return base::fail(base::ErrorKind::invalid,
                    "\"" + std::string(text) + "\" is not host:port, such as 127.0.0.1:8080");
}

// An address's bytes as the kernel's tables write them: 32-bit words of the machine's order.
std::string as_in_table(const void* bytes, std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at < size; at += sizeof(std::uint32_t)) {
    std::uint32_t word = 0;
    std::memcpy(&word, static_cast<const char*>(bytes) + at, sizeof word);
    char hex[9];
    std::snprintf(hex, sizeof hex, "%08X", word);
    text += hex;
  }
  return text;
}

// How a listener that stands in the way of the address may be written; empty: any address does.
std::vector<std::string> in_the_way_of(const Address& address) {
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.host.c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_UNSPECIFIED(&v6)) return {};
    const in6_addr every = IN6ADDR_ANY_INIT;
    return {as_in_table(&v6, sizeof v6), as_in_table(&every, sizeof every)};
  }
  in_addr v4{};
  if (::inet_pton(AF_INET, address.host.c_str(), &v4) != 1 || v4.s_addr == INADDR_ANY) return {};
  in6_addr mapped{};
  mapped.s6_addr[10] = mapped.s6_addr[11] = 0xff;
  std::memcpy(mapped.s6_addr + 12, &v4, sizeof v4);
  const in6_addr every = IN6ADDR_ANY_INIT;
  return {as_in_table(&v4, sizeof v4), std::string(8, '0'), as_in_table(&mapped, sizeof mapped),
          as_in_table(&every, sizeof every)};
}

// The inode of the socket that listens there, from one of the kernel's two tables.
std::optional<std::string> listening_inode(const char* table, const Address& address) {
  const auto text = read_file(table);
  if (!text) return std::nullopt;
  constexpr std::string_view kListen = "0A";
  const auto wanted = in_the_way_of(address);
  std::istringstream lines(*text);
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot;
    std::string local;
    std::string remote;
    std::string state;
    fields >> slot >> local >> remote >> state;
    if (state != kListen) continue;
    const auto colon = local.rfind(':');
    unsigned number = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
    if (number != address.port) continue;
    if (!wanted.empty() && std::ranges::find(wanted, local.substr(0, colon)) == wanted.end()) {
      continue;
    }
    std::string inode;
    for (int skipped = 0; skipped < 6; ++skipped) fields >> inode;
    return inode;
  }
  return std::nullopt;
}

// Whether a process of /proc has the link among its descriptors.
bool has_open(const std::filesystem::path& process, const std::string& link) {
  std::error_code error;
  for (const auto& fd : std::filesystem::directory_iterator(process / "fd", error)) {
    if (std::filesystem::read_symlink(fd.path(), error) == link) return true;
  }
  return false;
}

std::optional<std::string> owner_of(const std::string& inode) {
  const std::string link = "socket:[" + inode + "]";
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_open(process.path(), link)) continue;
    const std::string name = read_file(process.path() / "comm").value_or("?\n");
    return name.substr(0, name.find('\n')) + " (pid " + pid + ")";
  }
  return std::nullopt;
}

sockaddr_storage socket_address(const Address& address, socklen_t& length) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    length = sizeof(sockaddr_in6);
    return storage;
  }
  storage = {};
  v4->sin_family = AF_INET;
  v4->sin_port = htons(address.port);
  length = sizeof(sockaddr_in);
  // Not a literal: every address, which is the stricter question.
  if (::inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) != 1) v4->sin_addr = {};
  return storage;
}

}  // namespace

Result<Address> Address::parse(std::string_view text, FreePort free_port) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_address(text);
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      (port == 0 && free_port == FreePort::no)) {
    return not_an_address(text);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string_view::npos) return not_an_address(text);
  if (host.find_first_of(" \t\n\r\"'#\\") != std::string_view::npos) return not_an_address(text);
  return Address{std::string(host == "*" ? "" : host), port};
}

std::string Address::to_text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<> can_listen(const Address& address) {
  socklen_t length = 0;
  const sockaddr_storage where = socket_address(address, length);
  const UniqueFd fd(::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  // As servers do, so that the remains of closed connections do not count.
  const bool listens = fd &&
                       ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), length) == 0 &&
                       ::listen(fd.get(), 1) == 0;
  if (listens) return {};
  const int number = errno;
  auto refused = base::Error::from_errno(number, "listen on " + address.to_text());
  if (number != EACCES) return base::fail(std::move(refused));
  return base::fail(
      std::move(refused).hint("choose a port from 1024 on, or let ordinary users listen there: "
                              "sysctl -w net.ipv4.ip_unprivileged_port_start=" +
                              std::to_string(address.port)));
}

std::optional<std::string> listener_on(const Address& address) {
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const auto inode = listening_inode(table, address);
    if (inode) return owner_of(*inode).value_or("another user's process");
  }
  return std::nullopt;
}

}  // namespace pipeline::host
