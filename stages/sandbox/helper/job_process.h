// The job's first process: made in its namespaces, given its ids, seen and killed through its
// pidfd.
#pragma once

#include <sys/resource.h>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/helper/inside.h"

namespace pipeline::sandbox::helper {

class JobProcess {
 public:
  // The process waits for ToInside::go before it does anything. `cgroup`: directory of a v2 cgroup
  // it is born into, or -1.
  static base::Result<JobProcess> start(const InsideSetup& setup, int cgroup);

  int pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }

  // uid_map and gid_map; nothing to do without isolation.
  base::Result<> map_ids(const InsideSetup& setup) const;
  void signal(int number) const;
  // After pidfd() became readable: reaps it. What it and its reaped children used.
  rusage reap();

 private:
  JobProcess(int pid, host::UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  int pid_;
  host::UniqueFd pidfd_;
};

}  // namespace pipeline::sandbox::helper
