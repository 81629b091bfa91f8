#include "agents/worker/local_worker.h"

#include <map>
#include <mutex>
#include <utility>

#include "agents/worker/attempt.h"
#include "agents/worker/thread_pool.h"

namespace pipeline::worker {

namespace {

class LocalWorker final : public link::Link {
 public:
  explicit LocalWorker(WorkerTools tools)
      : step_tools_(tools.step),
        deploy_turn_(std::move(tools.deployer)),
        decision_(std::move(tools.decision)),
        lock_(std::move(tools.lock)),
        child_(std::move(tools.child)) {}

  ~LocalWorker() override {
    const std::scoped_lock guard(mutex_);
    for (const auto& [key, attempt] : running_) attempt->stop_now();
    // The pool, destroyed first, waits for them to report.
  }
  LocalWorker(const LocalWorker&) = delete;
  LocalWorker& operator=(const LocalWorker&) = delete;

  void start(protocol::JobOrder order, link::EventSink& sink) override {
    const Key key{order.job, order.attempt};
    sink.post(run::JobLeased{order.job, order.attempt, "local"});
    std::shared_ptr<Attempt> attempt =
        order.lock ? make_locked_attempt(lock_, order, make_attempt(order, sink), sink)
                   : make_attempt(std::move(order), sink);
    {
      const std::scoped_lock guard(mutex_);
      running_[key] = attempt;
    }
    pool_.run([this, key, attempt = std::move(attempt)] {
      attempt->run();
      const std::scoped_lock guard(mutex_);
      running_.erase(key);
    });
  }

  void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
            const std::string& reason) override {
    if (const auto running = find(job, attempt)) running->stop(as, reason);
  }

  void stop_now(const std::string& job, std::uint32_t attempt) override {
    if (const auto running = find(job, attempt)) running->stop_now();
  }

 private:
  using Key = std::pair<std::string, std::uint32_t>;

  std::unique_ptr<Attempt> make_attempt(protocol::JobOrder order, link::EventSink& sink) {
    if (std::holds_alternative<protocol::DeployOrder>(order.work)) {
      return make_deploy_attempt(deploy_turn_, std::move(order), sink);
    }
    if (std::holds_alternative<protocol::ApprovalOrder>(order.work)) {
      return make_approval_attempt(decision_, std::move(order), sink);
    }
    if (std::holds_alternative<protocol::ChildOrder>(order.work)) {
      return make_child_attempt(child_, std::move(order), sink);
    }
    return make_command_attempt(step_tools_, std::move(order), sink);
  }

  std::shared_ptr<Attempt> find(const std::string& job, std::uint32_t attempt) {
    const std::scoped_lock guard(mutex_);
    const auto found = running_.find({job, attempt});
    return found == running_.end() ? nullptr : found->second;
  }

  const step::StepTools step_tools_;
  DeployTurn deploy_turn_;
  const AwaitDecision decision_;
  const JoinLock lock_;
  const link::MakeChild child_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<Attempt>> running_;  // under mutex_
  ThreadPool pool_;                                  // last: its tasks use the others
};

}  // namespace

std::unique_ptr<link::Link> make_local_worker(WorkerTools tools) {
  return std::make_unique<LocalWorker>(std::move(tools));
}

}  // namespace pipeline::worker
