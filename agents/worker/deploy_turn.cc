#include "agents/worker/deploy_turn.h"

namespace pipeline::worker {

base::Result<deploy::DeploymentResult> DeployTurn::take(const Act& act,
                                                        const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait(lock, stop, [this] { return !busy_; }))
      return base::fail(base::ErrorKind::cancelled, "stopped while another deployment ran");
    busy_ = true;
  }
  auto result = [&]() -> base::Result<deploy::DeploymentResult> {
    PIPELINE_ASSIGN(deploy::Deployer* const deployer, get_());
    return act(*deployer);
  }();
  {
    const std::scoped_lock guard(mutex_);
    busy_ = false;
  }
  freed_.notify_one();
  return result;
}

}  // namespace pipeline::worker
