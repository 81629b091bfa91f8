#include "stages/host/packet_listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "stages/host/file.h"

namespace pipeline::host {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr int kWaiting = 16;

Result<UniqueFd> make_socket() {
  UniqueFd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) return base::fail(base::Error::from_errno(errno, "make a socket"));
  return made;
}

// An address has room for a hundred bytes, so a path goes by way of its directory's descriptor.
Result<sockaddr_un> address_of(const fs::path& name, const UniqueFd& directory) {
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name.filename().string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return base::fail(base::ErrorKind::invalid, name.string() + " is too long a name");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: how the system takes addresses
}

}  // namespace

Result<UniqueFd> listen_for_packets(const fs::path& name) {
  PIPELINE_ASSIGN(const UniqueFd directory, open_file(name.parent_path(), O_PATH | O_DIRECTORY));
  PIPELINE_ASSIGN(const sockaddr_un address, address_of(name, directory));
  PIPELINE_ASSIGN(UniqueFd socket, make_socket());
  if (::unlink(name.c_str()) != 0 && errno != ENOENT) {
    return base::fail(base::Error::from_errno(errno, "replace " + name.string()));
  }
  // The name gets the mode that the socket has, so that it is never open to others.
  if (::fchmod(socket.get(), 0600) != 0 ||
      ::bind(socket.get(), generic(address), sizeof address) != 0 ||
      ::listen(socket.get(), kWaiting) != 0) {
    return base::fail(base::Error::from_errno(errno, "listen at " + name.string()));
  }
  return socket;
}

Result<std::optional<UniqueFd>> connect_for_packets(const fs::path& name) {
  const auto directory = open_file(name.parent_path(), O_PATH | O_DIRECTORY);
  if (!directory) {
    if (directory.error().kind() == base::ErrorKind::not_found) return std::nullopt;
    return base::fail(directory.error());
  }
  PIPELINE_ASSIGN(const sockaddr_un address, address_of(name, *directory));
  PIPELINE_ASSIGN(UniqueFd socket, make_socket());
  if (::connect(socket.get(), generic(address), sizeof address) == 0) return socket;
  if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
  return base::fail(base::Error::from_errno(errno, "connect to " + name.string()));
}

UniqueFd accept_packets(int listener) {
  return UniqueFd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

}  // namespace pipeline::host
