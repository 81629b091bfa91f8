// TCP ports of this test's own: no other test on the machine has them meanwhile, whoever runs it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace pipeline::support {

// The first of `size` ports, out of `count` blocks from `first` on. They are claimed by a name in
// the abstract namespace, for as long as this process lives; ask once a process.
inline int claim_ports(int first, int size, int count) {
  const int start = static_cast<int>(::getpid()) % count;
  for (int i = 0; i < count; ++i) {
    const int port = first + (start + i) % count * size;
    const int claim = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "pipeline-test-ports-%d", port);
    // Never closed: the claim ends with the process.
    if (::bind(claim, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return port;
    ::close(claim);
  }
  std::fprintf(stderr, "all %d blocks of ports are taken\n", count);
  std::abort();
}

}  // namespace pipeline::support
