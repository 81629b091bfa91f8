// A run of a server, shown as it happens until it has ended, as if it were here. Ctrl-C leaves the
// run going; a second one leaves at once.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "runner/cli/commands.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

class ServerFollower {
 public:
  // REQUIRES: made before anything is asked of a server, for the same reason as Interrupts.
  static base::Result<std::unique_ptr<ServerFollower>> make(const ServerChoice& server,
                                                            Context& context);

  // What Ctrl-C ends, too.
  ServerClient& client() { return client_; }
  // `history` is known to whoever looks on, and not told again; empty: all is told from the first
  // event on. A connection that breaks is made again: whoever starts the server again loses
  // nothing.
  Outcome follow(run::RunId id, const std::vector<run::Event>& history, Format format);

 private:
  ServerFollower(ServerChoice server, ServerClient client, Context& context)
      : server_(std::move(server)), client_(std::move(client)), context_(context) {}

  const ServerChoice server_;
  ServerClient client_;
  Context& context_;
  std::atomic<bool> is_left_ = false;
  std::unique_ptr<Interrupts> interrupts_;  // last: it uses the others
};

}  // namespace pipeline::cli
