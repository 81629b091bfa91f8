// How a child is started: what Boost.Process v2 calls a launcher, for a threaded program. Instead
// of its posix::default_launcher (1.81), because that one leaks descriptors between concurrent
// spawns, leaves a zombie when exec fails, flushes the parent's buffers in the child, and copies
// the page tables of a large parent.
//
// Ours: clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD) on a stack of its own with all signals blocked,
// handlers reset and the mask emptied in the child, every descriptor that was not asked for closed
// by close_range, the child's errno handed back through shared memory, the child reaped on failure.
// The child's part runs on our memory while other threads run: it makes system calls and nothing
// else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stages/host/unique_fd.h"

namespace pipeline::host {

// Everything the child needs, prepared before it exists.
struct LaunchPlan {
  std::string program;  // a path
  std::vector<std::string> argv;
  std::vector<std::string> env;  // NAME=VALUE
  std::string directory;         // empty: ours
  std::vector<std::pair<int, int>>
      descriptors;  // child's number, ours; ascending by child's number
  bool own_session = false;
};

struct Launched {
  int pid = -1;
  UniqueFd pidfd{};
  int error = 0;  // errno of what failed; then there is no child
};

Launched launch(const LaunchPlan& plan);

}  // namespace pipeline::host
