// Keeps one instance running until it is told to stop. The promises are in main.cc. One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "stages/deploy/process/order.h"
#include "stages/deploy/process/supervisor/bounded_log.h"
#include "stages/host/process.h"
#include "stages/host/unique_fd.h"

namespace pipeline::deploy::process {

class Supervisor {
 public:
  Supervisor(std::filesystem::path directory, const Order& order);

  // The first start of the instance; signals are held back from here on, until run() takes them.
  base::Result<> start();
  // Returns when it was told to stop and nothing of the instance is left.
  void run();

 private:
  using Time = std::chrono::steady_clock::time_point;

  base::Result<> prepare();
  base::Result<> start_instance();
  base::Result<> remember() const;
  void wait_for_something();
  void read_output();
  void take_signals();
  void begin_stopping();
  void look_after_instance();
  void instance_ended(const host::ExitStatus& status);
  void try_to_restart();
  std::optional<Time> next_deadline() const;
  bool is_over() const;

  std::filesystem::path directory_;
  const Order& order_;
  BoundedLog log_;
  host::UniqueFd signals_;
  host::UniqueFd output_;         // what the instance prints arrives here
  host::UniqueFd output_source_;  // …when it is written there; kept for the next start
  std::optional<host::Process> instance_;
  Time started_at_;
  std::uint32_t restarts_ = 0;
  std::chrono::milliseconds delay_;  // before the next restart
  std::optional<Time> restart_at_;   // none: it runs, or is not to run any more
  std::optional<Time> kill_at_;      // set once it was told to stop
};

}  // namespace pipeline::deploy::process
