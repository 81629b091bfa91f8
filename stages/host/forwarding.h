// Forwards connections, all of them from one thread: whoever connects to a listening socket talks
// to a connection of ours elsewhere.
#pragma once

#include <functional>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

// A new connection to where everything goes; it may still be under way (non-blocking).
using ConnectOn = std::function<base::Result<UniqueFd>()>;

// Accepts from the listening socket and copies both ways, until `until` becomes readable (-1:
// never). Blocks, and then closes what is open. A direction whose receiver is slow holds up at most
// its own sender. Whoever cannot be connected on finds its connection closed; when descriptors run
// out, newcomers wait.
void forward_connections(int listener, const ConnectOn& connect_on, int until = -1);

}  // namespace pipeline::host
