// The job's first process, and the only one that is ours to reap: made in its namespaces, given its
// ids, seen and killed through its pidfd.
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

  JobProcess(JobProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  JobProcess& operator=(JobProcess&&) = delete;
  // Kills and reaps one that was not reaped.
  ~JobProcess();

  int pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }

  // uid_map and gid_map; nothing to do without isolation.
  base::Result<> map_ids(const InsideSetup& setup) const;
  void signal(int number) const;
  // Waits until it has ended, and reaps it. What it and its reaped children used.
  rusage reap();

 private:
  JobProcess(int pid, host::UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  int pid_;  // -1: reaped, or moved from
  host::UniqueFd pidfd_;
};

}  // namespace pipeline::sandbox::helper
