// The job's file system, built in its own mount namespace. The order of the steps matters and is
// that of the functions below:
//
//   1. build_root(): what does not depend on the plan, with files that belong to the job's user.
//      Ends with pivot_root; the host's own root is seen at kHostRoot for the moment.
//   2. open_sources(): opens every host directory the job is given, while the process still has the
//      file permissions of whoever started the helper, so that layers below a directory like /root
//      (mode 700) work.
//   3. furnish_root(): as the job's own uid. Takes the host's root away: nothing of the host is
//   left
//      in the mount table but what was bound.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox::helper {

// What the supervisor watches while the job runs.
struct Watched {
  host::UniqueFd processes;  // the job's /proc
  host::UniqueFd temporary;  // the file system behind /tmp, /var/tmp, /dev/shm and the home
};
base::Result<Watched> build_root();

struct Sources {
  std::vector<host::UniqueFd> lower;  // as in the plan, lowest first
  host::UniqueFd upper;
  host::UniqueFd scratch;
  std::vector<host::UniqueFd> mounts;
};
base::Result<Sources> open_sources(const SandboxPlan& plan);

base::Result<> furnish_root(const SandboxPlan& plan, const Sources& sources);

inline constexpr const char* kHome = "/home/job";

}  // namespace pipeline::sandbox::helper
