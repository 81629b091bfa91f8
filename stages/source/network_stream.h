// The sockets under libgit2's http, https and git transports, with limits on waiting: libgit2 1.5
// itself waits for a silent server for ever. Registered once for the process; TLS is still
// libgit2's own, laid over these sockets.
#pragma once

#include <string>

namespace pipeline::source {

// A server that neither accepts nor sends anything for this long is given up.
inline constexpr int kNetworkIdleSeconds = 30;

void register_network_stream();

// Why a socket of this thread failed since this was last asked; empty when none did. TLS puts a
// message that says nothing in the place of ours.
std::string take_network_failure();

// While one lives, nobody waits for a server, on any thread: who stops need not sit a silent one
// out.
class NetworkGivenUp {
 public:
  NetworkGivenUp();
  ~NetworkGivenUp();
  NetworkGivenUp(const NetworkGivenUp&) = delete;
  NetworkGivenUp& operator=(const NetworkGivenUp&) = delete;
};

// For tests: another limit for streams made from now on.
void set_network_idle_seconds(int seconds);

}  // namespace pipeline::source
