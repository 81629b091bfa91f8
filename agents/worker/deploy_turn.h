// The deployer, which serves one caller at a time, and the queue before it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "stages/deploy/deployer.h"

namespace pipeline::worker {

class DeployTurn {
 public:
  explicit DeployTurn(std::function<base::Result<deploy::Deployer*>()> get)
      : get_(std::move(get)) {}

  using Act = std::function<base::Result<deploy::DeploymentResult>(deploy::Deployer& deployer)>;
  // Waits for its turn, then acts. ErrorKind::cancelled when stopped while waiting.
  base::Result<deploy::DeploymentResult> take(const Act& act, const std::stop_token& stop);

 private:
  const std::function<base::Result<deploy::Deployer*>()> get_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  bool busy_ = false;
};

}  // namespace pipeline::worker
