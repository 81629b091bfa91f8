// Whether something answers at an address: one attempt on a connection of its own, over plain
// sockets, nothing kept. Safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "stages/host/listener.h"

namespace pipeline::host {

// Success when a connection is accepted or, with a path, GET of it answers 2xx or 3xx; of the
// answer only the status line is read. The timeout is for everything together:
// ErrorKind::timed_out.
base::Result<> probe_endpoint(const Address& address, const std::optional<std::string>& http_path,
                              base::Duration timeout);

}  // namespace pipeline::host
