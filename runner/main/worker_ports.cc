#include "runner/main/worker_ports.h"

#include <chrono>

#include "runner/engine/approvals.h"
#include "runner/store/decision_box.h"
#include "runner/store/fair_queue.h"
#include "runner/store/sqlite/sqlite_run_store.h"

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

// Whether the run is still what was decided on: it may have been tried again since, and have made
// something else.
Result<bool> is_still_about(const store::StoredDecision& said, const store::Paths& paths,
                            const protocol::JobOrder& order) {
  if (said.subject.empty()) return true;
  PIPELINE_ASSIGN(const auto runs, store::open_sqlite_run_store(paths));
  PIPELINE_ASSIGN(const engine::StoredRun run, engine::load_run(*runs, order.run));
  const auto job = run.plan.find(order.job);
  return job && engine::subject_of(run, *job).hex() == said.subject;
}

// One that is about something else is no decision on this: it goes on waiting.
Result<std::optional<worker::Decision>> decision_on(const store::Paths& paths,
                                                    const protocol::JobOrder& order,
                                                    const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + order.timeout;
  for (;;) {
    const auto left = std::chrono::ceil<base::Duration>(end - std::chrono::steady_clock::now());
    PIPELINE_ASSIGN(auto said, store::await_decision(paths, order.run, order.job, left, stop));
    if (!said) return std::nullopt;
    if (said->tree != order.tree) {
      return base::fail(base::ErrorKind::corrupt, "the decision was made on another tree");
    }
    PIPELINE_ASSIGN(const bool counts, is_still_about(*said, paths, order));
    if (counts)
      return worker::Decision{said->approved, std::move(said->by), std::move(said->comment)};
  }
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
