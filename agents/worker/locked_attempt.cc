#include <condition_variable>
#include <mutex>
#include <optional>

#include "agents/worker/attempt.h"
#include "agents/worker/wish.h"
#include "pipelines/base/reason.h"

namespace pipeline::worker {

using run::JobStatus;

namespace {

// How often whoever waits looks whether it is his turn. Locks are held for seconds and longer.
constexpr auto kLookEvery = std::chrono::milliseconds(50);

class LockedAttempt final : public Attempt {
 public:
  LockedAttempt(JoinLock join, const protocol::JobOrder& order, std::unique_ptr<Attempt> inner,
                link::EventSink& sink)
      : join_(std::move(join)),
        lock_(*order.lock),
        run_(order.run),
        job_(order.job),
        attempt_(order.attempt),
        inner_(std::move(inner)),
        sink_(sink) {}

  void run() override {
    auto place = join_(lock_, run_);
    if (!place) return finish({JobStatus::errored, base::reason_of(place.error())});
    const std::optional<Wish> end = wait_for_turn(**place);
    if (end) {
      finish(*end);
    } else {
      inner_->run();  // which hears a stop that came before it ran, too
    }
  }

  void stop(JobStatus as, const std::string& reason) override {
    inner_->stop(as, reason);
    end_wait({as, reason});
  }
  void stop_now() override {
    inner_->stop_now();
    end_wait({JobStatus::cancelled, "cancelled"});
  }

 private:
  // None: it is our turn.
  std::optional<Wish> wait_for_turn(const LockPlace& place) {
    std::string told;
    for (;;) {
      const auto ahead = place.first_before_us();
      if (!ahead) return Wish{JobStatus::errored, base::reason_of(ahead.error())};
      if (!*ahead) return std::nullopt;
      if (told != **ahead) {
        told = **ahead;
        sink_.post(
            run::JobWaiting{job_, attempt_, "waiting for lock " + lock_ + ", held by " + told});
      }
      std::unique_lock guard(mutex_);
      if (stopped_.wait_for(guard, kLookEvery, [this] { return wish_.has_value(); })) return wish_;
    }
  }

  void end_wait(Wish end) {
    {
      const std::scoped_lock guard(mutex_);
      if (!wish_) wish_ = std::move(end);
    }
    stopped_.notify_all();
  }

  void finish(const Wish& end) {
    run::JobFinished finished;
    finished.job = job_;
    finished.attempt = attempt_;
    finished.status = end.as;
    finished.reason = end.reason;
    sink_.post(std::move(finished));
  }

  const JoinLock join_;
  const std::string lock_;
  const run::RunId run_;
  const std::string job_;
  const std::uint32_t attempt_;
  const std::unique_ptr<Attempt> inner_;
  link::EventSink& sink_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  std::optional<Wish> wish_;
};

}  // namespace

std::unique_ptr<Attempt> make_locked_attempt(const JoinLock& join, const protocol::JobOrder& order,
                                             std::unique_ptr<Attempt> inner,
                                             link::EventSink& sink) {
  return std::make_unique<LockedAttempt>(join, order, std::move(inner), sink);
}

}  // namespace pipeline::worker
