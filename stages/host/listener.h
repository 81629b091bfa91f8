// TCP ports of this machine: who listens where. Linux, from /proc; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::host {

// "127.0.0.1:8080" taken apart. An IPv6 host is written in brackets; the host may be empty or `*`,
// which means every address.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  // `free_port`: 0, which stands for any that is free, is a port too.
  enum class FreePort { no, yes };
  static base::Result<Address> parse(std::string_view text, FreePort free_port = FreePort::no);
  std::string to_text() const;
  bool operator==(const Address&) const = default;
};

// Success when a listener could be bound there now (IPv4 or IPv6 literals). ErrorKind::conflict
// when somebody else's stands in the way, ErrorKind::permission with a hint for a port that is not
// ours to have, or what else the kernel said.
base::Result<> can_listen(const Address& address);

// Whose listener stands in the way of one there, for a person: "haproxy (pid 812)"; "another user's
// process" when /proc does not say. None when nobody's does; the same port of another address does
// not count.
std::optional<std::string> listener_on(const Address& address);

}  // namespace pipeline::host
