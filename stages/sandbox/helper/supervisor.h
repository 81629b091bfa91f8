// The job's life as seen from outside its sandbox: gives it its order, has its services started,
// hands it one command after another, spools its output, watches limits and time, stops it in two
// phases, and says how it went.
//
// One thread, one poll loop. create() → run() once.
#pragma once

#include <poll.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/disk_watch.h"
#include "stages/sandbox/helper/memory_watch.h"
#include "stages/sandbox/helper/output.h"
#include "stages/sandbox/helper/prepared_job.h"
#include "stages/sandbox/helper/services.h"
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
  // stopping: TERM was sent to all. closing: what still runs is ended one after the other, first
  // the command, then the services, the last one first.
  enum class Phase { running, stopping, closing, killed };

  Supervisor(const SandboxPlan& plan, int control, int signals, Output output, DiskWatch disk,
             PreparedJob job);
  base::Result<> start(int order_memory);
  void loop();
  void watch();
  int patience() const;

  void hear_control();
  void hear_job();
  void hear_report(Report report);
  void job_is_ready(Report report);
  void command_ended(std::int32_t status);
  void service_ended(const FromInside& report);
  void look_at_clock();
  void patience_ended();

  void next_step();
  void start_service();
  void next_command();
  void fail_for_service(std::uint32_t index, const std::string& what);
  void close(Cause cause, const std::string& reason);
  void close_next();
  void ask_to_end(ToInside whom);
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
  Services services_;
  DiskWatch disk_;
  std::optional<MemoryWatch> memory_;
  std::unique_ptr<Cgroup> cgroup_;
  host::UniqueFd channel_;
  JobProcess job_;

  Phase phase_ = Phase::running;
  std::optional<SteadyTime> timeout_at_;
  std::optional<SteadyTime> kill_at_;
  ToInside asked_to_end_;  // in Phase::closing
  bool command_runs_ = false;
  std::optional<std::uint32_t> failed_service_;
  bool job_ended_ = false;
  std::vector<pollfd> watched_;
  std::deque<Notice> notices_;  // not taken by the launcher yet
  std::optional<Cause> cause_;  // the first one that ended the job
  SandboxResult result_;
};

}  // namespace pipeline::sandbox::helper
