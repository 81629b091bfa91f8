// The job's life as seen from outside its sandbox: gives it its order, hands it one command after
// another, spools its output, watches limits and time, stops it in two phases, and says how it
// went.
//
// One thread, one poll loop. create() → run() once.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "pipelines/base/result.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/disk_watch.h"
#include "stages/sandbox/helper/memory_watch.h"
#include "stages/sandbox/helper/output.h"
#include "stages/sandbox/helper/prepared_job.h"
#include "stages/sandbox/order.h"
#include "stages/sandbox/wire.h"

namespace pipeline::sandbox::helper {

class Supervisor {
 public:
  // Everything that can fail before the job has its order. `control` and `signals` stay the
  // caller's, as does `order_memory`, the memfd that `order` was read from.
  static base::Result<std::unique_ptr<Supervisor>> create(const Order& order, int order_memory,
                                                          int control, int signals,
                                                          PreparedJob job);

  // Returns when nothing of the job is left.
  SandboxResult run();

 private:
  using Cause = SandboxResult::Cause;
  enum class Phase { running, stopping, killed };

  Supervisor(const SandboxPlan& plan, int control, int signals, Output output, DiskWatch disk,
             PreparedJob job);
  base::Result<> start(int order_memory);
  void loop();
  int patience() const;

  void hear_control();
  void hear_job();
  void hear_report(Report report);
  void job_is_ready(Report report);
  void command_ended(std::int32_t status);
  void look_at_clock();

  void next_command();
  void stop(Cause cause, const std::string& reason);
  void kill(Cause cause, const std::string& reason);
  void conclude(Cause cause, const std::string& reason);
  void check(base::Result<> logged);
  void notify(Notice notice);
  void send_notices();
  void account(const rusage& usage);
  void complete_log();

  const SandboxPlan& plan_;
  int control_;
  int signals_;
  Output output_;
  DiskWatch disk_;
  std::optional<MemoryWatch> memory_;
  std::unique_ptr<Cgroup> cgroup_;
  host::UniqueFd channel_;
  JobProcess job_;

  Phase phase_ = Phase::running;
  std::optional<SteadyTime> timeout_at_;
  std::optional<SteadyTime> kill_at_;
  bool job_ended_ = false;
  std::deque<Notice> notices_;  // not taken by the launcher yet
  std::optional<Cause> cause_;  // the first one that ended the job
  SandboxResult result_;
};

}  // namespace pipeline::sandbox::helper
