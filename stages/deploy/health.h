// Health over time: counts the answers of a Prober. One thread; waits on the Waiter.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"
#include "pipelines/rollout/instance.h"
#include "stages/deploy/prober.h"
#include "stages/deploy/waiter.h"

namespace pipeline::deploy {

struct Watched {
  rollout::Instance instance;
  model::HealthCheck check;  // of its release
};

class HealthWatch {
 public:
  using Report = std::function<void(const std::string& detail)>;
  // Instances that run, and how often each was started again.
  using Running = std::function<base::Result<std::map<std::string, std::uint32_t>>()>;
  HealthWatch(Prober& prober, Waiter& waiter, const base::Clock& clock)
      : prober_(prober), waiter_(waiter), clock_(clock) {}

  // Until each has passed `rise` probes in a row, and has run all the while: an answer from the
  // port of an instance that ended is somebody else's. ErrorKind::failed when one has not at its
  // deadline, naming it and its last answer; ErrorKind::cancelled when stopped.
  base::Result<> await_healthy(const std::vector<Watched>& instances, const Running& running,
                               const Report& report, const std::stop_token& stop);
  // For `duration`. ErrorKind::failed as soon as one has failed `fall` probes in a row.
  base::Result<> watch(const std::vector<Watched>& instances, base::Duration duration,
                       const std::stop_token& stop);
  // One probe each: the names of those that answered.
  std::set<std::string> healthy_now(const std::vector<Watched>& instances);

 private:
  Prober& prober_;
  Waiter& waiter_;
  const base::Clock& clock_;
};

}  // namespace pipeline::deploy
