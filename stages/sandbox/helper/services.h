// The job's services as the supervisor sees them: which one was started, is ready, runs, and what
// each has written. Decides nothing about the job.
//
// start_next() → ready() → start_next() …; ended() at any time after a start; finish() last.
#pragma once

#include <poll.h>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/helper/disk_watch.h"
#include "stages/sandbox/helper/output.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox::helper {

class Services {
 public:
  // `plan` must outlive it.
  explicit Services(const SandboxPlan& plan) : plan_(plan) {}

  std::uint32_t started() const { return static_cast<std::uint32_t>(services_.size()); }
  bool all_ready() const { return started() == plan_.services.size() && !awaited_; }

  // Opens the log of the next one. The end of a pipe that it is to write to.
  base::Result<host::UniqueFd> start_next();
  // What the last one must be ready by; none while none is waited for.
  std::optional<SteadyTime> ready_by() const;
  // False when it was not this one that was waited for.
  bool ready(std::uint32_t index);
  // False when it does not run.
  bool ended(std::uint32_t index);
  std::optional<std::uint32_t> last_running() const;

  // Appends what poll(2) should watch; take() then reads what it found, of the same slots.
  void watch(std::vector<pollfd>& watched) const;
  base::Result<> take(const pollfd* watched);

  base::Result<> finish();
  // Its name and, once finished, its last lines: ":\n…", or nothing.
  const std::string& name(std::uint32_t index) const { return plan_.services[index].name; }
  std::string last_lines(std::uint32_t index) const;

 private:
  struct Service {
    Output output;
    bool runs = true;
  };

  const SandboxPlan& plan_;
  std::vector<Service> services_;
  bool awaited_ = false;
  SteadyTime started_at_;  // the last one
};

}  // namespace pipeline::sandbox::helper
