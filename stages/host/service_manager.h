// What a service manager and the program that it started say to each other, by the protocol of
// systemd: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3). Without one nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

class ServiceManager {
 public:
  // As the environment has it; what was handed over is taken out of it, so that no child takes
  // itself for the receiver. Once, before there is another thread.
  static ServiceManager take_from_environment();

  bool is_there() const { return !socket_.empty(); }
  // "READY=1", "STATUS=…", lines of them. Best effort: who does not listen is not waited for. Any
  // thread.
  void notify(std::string_view state) const;
  // How often it wants to hear "WATCHDOG=1", halved to be in time; none: never.
  std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_; }
  // Sockets that it opened for us. They are the caller's from then on.
  std::vector<UniqueFd> take_listeners() { return std::move(listeners_); }

 private:
  std::string socket_;  // a path, or a name behind '@'
  std::optional<std::chrono::microseconds> watchdog_;
  std::vector<UniqueFd> listeners_;
};

}  // namespace pipeline::host
