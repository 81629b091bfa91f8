#include "stages/host/tcp.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

#include "stages/host/file.h"

namespace pipeline::host {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

Result<socklen_t> to_socket_address(const Address& address, sockaddr_storage& storage) {
  const std::string host = address.host.empty() ? "127.0.0.1" : address.host;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    return sizeof(sockaddr_in);
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    return sizeof(sockaddr_in6);
  }
  return base::fail(ErrorKind::invalid, "\"" + host + "\" is not an IP address");
}

tl::unexpected<Error> connect_error(int number) {
  std::string reason =
      number == ECONNREFUSED ? "connection refused" : std::generic_category().message(number);
  return base::fail(Error::from_errno(number, "connect").kind(), std::move(reason));
}

// /proc/self/fd/N/name: as short as a socket's path must be, wherever the directory is.
sockaddr_un short_path(int directory, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

}  // namespace

bool wait_for_events(int fd, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd watched{fd, events, 0};
    const int ready =
        ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

Result<UniqueFd> begin_connect_tcp(const Address& address) {
  sockaddr_storage storage{};
  PIPELINE_ASSIGN(const socklen_t length, to_socket_address(address, storage));
  UniqueFd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return base::fail(Error::from_errno(errno, "make a socket"));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) == 0) return fd;
  if (errno == EINPROGRESS) return fd;
  return connect_error(errno);
}

Result<UniqueFd> connect_tcp(const Address& address, Deadline deadline) {
  PIPELINE_ASSIGN(UniqueFd fd, begin_connect_tcp(address));
  if (!wait_for_events(fd.get(), POLLOUT, deadline)) return connect_error(ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return connect_error(error);
  return fd;
}

Result<UniqueFd> listen_unix(const std::filesystem::path& directory, const std::string& name) {
  PIPELINE_ASSIGN(const auto here, open_file(directory, O_PATH | O_DIRECTORY));
  ::unlinkat(here.get(), name.c_str(), 0);
  const auto address = short_path(here.get(), name);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool listens =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::fchmodat(here.get(), name.c_str(), 0666, 0) == 0 && ::listen(fd.get(), SOMAXCONN) == 0;
  if (listens) return fd;
  return base::fail(Error::from_errno(errno, "listen on " + (directory / name).string()));
}

Result<UniqueFd> connect_unix(const std::filesystem::path& directory, const std::string& name) {
  PIPELINE_ASSIGN(const auto here, open_file(directory, O_PATH | O_DIRECTORY));
  const auto address = short_path(here.get(), name);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return fd;
  }
  return base::fail(Error::from_errno(errno, "connect to " + (directory / name).string()));
}

}  // namespace pipeline::host
