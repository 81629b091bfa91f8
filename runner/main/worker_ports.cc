#include "runner/main/worker_ports.h"

#include "runner/store/decision_box.h"
#include "runner/store/fair_queue.h"

namespace pipeline {

namespace {

using base::Result;

class QueuedForLock final : public worker::LockPlace {
 public:
  explicit QueuedForLock(std::unique_ptr<store::FairQueue> queue) : queue_(std::move(queue)) {}
  Result<std::optional<std::string>> first_before_us() const override {
    return queue_->first_before_us();
  }

 private:
  std::unique_ptr<store::FairQueue> queue_;
};

Result<std::optional<worker::Decision>> decision_on(const store::Paths& paths,
                                                    const protocol::JobOrder& order,
                                                    const std::stop_token& stop) {
  PIPELINE_ASSIGN(auto said,
                  store::await_decision(paths, order.run, order.job, order.timeout, stop));
  if (!said) return std::nullopt;
  if (said->tree != order.tree) {
    return base::fail(base::ErrorKind::corrupt, "the decision was made on another tree");
  }
  return worker::Decision{said->approved, std::move(said->by), std::move(said->comment)};
}

}  // namespace

worker::AwaitDecision decisions_in(const store::Paths& paths) {
  return [paths](const protocol::JobOrder& order, const std::stop_token& stop) {
    return decision_on(paths, order, stop);
  };
}

worker::JoinLock locks_in(const store::Paths& paths) {
  return [paths](const std::string& lock,
                 run::RunId run) -> Result<std::unique_ptr<worker::LockPlace>> {
    PIPELINE_ASSIGN(auto queue,
                    store::FairQueue::join(paths.lock(lock), "run " + std::to_string(run)));
    return std::make_unique<QueuedForLock>(std::move(queue));
  };
}

}  // namespace pipeline
