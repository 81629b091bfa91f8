// The working tree, sent to a server: what `run --remote` runs there.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

struct SentTree {
  std::string ref;     // of the server's repository
  std::string branch;  // that the user is on; empty: none
};

// As it stands, uncommitted and untracked files included and ignored ones not. Only what the
// server does not have goes over the line.
base::Result<SentTree> send_working_tree(const std::string& repository, const ServerChoice& server,
                                         Context& context);

}  // namespace pipeline::cli
