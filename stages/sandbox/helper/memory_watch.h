// Keeps a job within its memory limit where no cgroup does, by looking. Advisory: between two looks
// a job can take more. `pipeline doctor` says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stages/host/unique_fd.h"
#include "stages/sandbox/helper/disk_watch.h"

namespace pipeline::sandbox::helper {

class MemoryWatch {
 public:
  // `processes`: the job's own /proc. `temporary`: its tmpfs, which is memory too.
  MemoryWatch(host::UniqueFd processes, int temporary, std::uint64_t limit);

  SteadyTime next_look() const { return next_look_; }
  std::optional<std::string> look();
  std::uint64_t peak() const { return peak_; }

 private:
  host::UniqueFd processes_;
  int temporary_;
  std::uint64_t limit_;
  SteadyTime next_look_;
  std::uint64_t peak_ = 0;
};

}  // namespace pipeline::sandbox::helper
