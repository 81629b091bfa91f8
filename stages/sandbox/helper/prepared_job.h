// A job's first process in its namespaces, its cgroup and its output pipe: everything of a job that
// does not depend on its plan, so that it can be there before the plan is.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/cgroup_places.h"
#include "stages/sandbox/confinement.h"
#include "stages/sandbox/helper/cgroup.h"
#include "stages/sandbox/helper/job_process.h"

namespace pipeline::sandbox::helper {

// Members are destroyed from the last to the first: the process, then its cgroup.
struct PreparedJob {
  std::unique_ptr<Cgroup> cgroup;  // null: none to be had here
  host::UniqueFd output;           // the pipe's reading end
  host::UniqueFd channel;          // channel.h, our end
  JobProcess process;

  static base::Result<PreparedJob> create(Confinement confinement, const CgroupPlaces& places);
};

}  // namespace pipeline::sandbox::helper
