#include "stages/deploy/process/port_claims.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string>

namespace pipeline::deploy::process {

bool PortClaims::claim(std::uint16_t port) {
  if (held_.contains(port)) return true;
  const std::string name = "pipeline-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // the first byte stays 0: abstract
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  host::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return false;
  held_.emplace(port, std::move(fd));
  return true;
}

}  // namespace pipeline::deploy::process
