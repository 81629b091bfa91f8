// Keeps a job within its disk limit by looking, often enough that little is written beyond it: a
// quota needs rights and file systems that we cannot count on. A single file is limited by the
// kernel (RLIMIT_FSIZE), so is /tmp (its own size).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox::helper {

using SteadyTime = std::chrono::steady_clock::time_point;

// How long a job needs at least to use up `left` bytes of disk or memory: as long may pass between
// two looks, within reason.
std::chrono::milliseconds pause_before(std::uint64_t left);

class DiskWatch {
 public:
  // What is in the upper directory before the job starts (a copied workspace) does not count.
  static base::Result<DiskWatch> create(const WorkspaceMount& workspace, std::uint64_t limit);
  void also_count(host::UniqueFd temporary) { temporary_ = std::move(temporary); }

  SteadyTime next_look() const { return next_look_; }
  // Why the job must end, if it must.
  std::optional<std::string> look();

 private:
  DiskWatch(host::UniqueFd upper, std::uint64_t limit)
      : upper_(std::move(upper)), limit_(limit), next_look_(std::chrono::steady_clock::now()) {}
  std::uint64_t free_space() const;
  std::uint64_t temporary_used() const;

  host::UniqueFd upper_;
  host::UniqueFd temporary_;
  std::uint64_t limit_;
  std::uint64_t given_ = 0;  // not of the job's making
  SteadyTime next_look_;
  SteadyTime next_walk_;
  std::uint64_t free_at_walk_ = 0;
  std::uint64_t left_at_walk_ = 0;
};

}  // namespace pipeline::sandbox::helper
