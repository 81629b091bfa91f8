// pipeline-relay PORT SOCKET
//
// The inner half of an AddressRelay (address_relay.h), run inside a sandbox: listens on
// 127.0.0.1:PORT there and forwards every connection to the unix socket SOCKET. It returns as
// soon as the port is bound, with status 0, and goes on in the background until the sandbox ends;
// with status 1 and a line on standard error when the port cannot be had, 2 for a wrong command
// line.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "stages/host/forwarding.h"
#include "stages/host/tcp.h"

namespace {

using pipeline::host::UniqueFd;

UniqueFd listen_on(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(fd.get(), SOMAXCONN) == 0;
  if (!listens) fd.reset();
  return fd;
}

// Lets go of the job's output, which would otherwise look unfinished, and of its session.
void go_to_background() {
  ::setsid();
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard = 0; standard <= 2; ++standard) ::dup2(nothing.get(), standard);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view text = argc == 3 ? argv[1] : "";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    std::fprintf(stderr, "usage: pipeline-relay PORT SOCKET\n");
    return 2;
  }
  const UniqueFd listener = listen_on(port);
  if (!listener) {
    std::fprintf(stderr, "pipeline-relay: cannot listen on port %s: %s\n", argv[1],
                 std::strerror(errno));
    return 1;
  }
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child > 0) return 0;
  go_to_background();
  const std::filesystem::path socket = argv[2];
  pipeline::host::forward_connections(listener.get(), [&socket] {
    return pipeline::host::connect_unix(socket.parent_path(), socket.filename());
  });
}
