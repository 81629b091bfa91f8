#include "agents/worker/attempt.h"
#include "agents/worker/wish.h"
#include "stages/step/verdict.h"

namespace pipeline::worker {

using run::JobStatus;
using run::RunStatus;

namespace {

class ChildAttempt final : public Attempt {
 public:
  ChildAttempt(base::Result<std::unique_ptr<link::ChildRun>> child, protocol::JobOrder order,
               link::EventSink& sink)
      : child_(std::move(child)), order_(std::move(order)), sink_(sink) {}

  void run() override {
    run::JobFinished finished;
    finished.job = order_.job;
    finished.attempt = order_.attempt;
    run::RunId number = 0;
    const auto began = [&](run::RunId id) {
      number = id;
      sink_.post(run::ChildRunStarted{order_.job, order_.attempt, id});
    };
    const auto end = child_ ? (*child_)->run(began) : base::fail(child_.error());
    if (end) {
      describe(*end, "run " + std::to_string(number), finished);
    } else {
      // A secret that is missing, say, is no trouble of ours.
      step::Verdict verdict = step::verdict_of(end.error());
      finished.status = verdict.status;
      finished.reason = std::move(verdict.reason);
    }
    sink_.post(std::move(finished));
  }

  void stop(JobStatus as, const std::string& reason) override {
    wish_.make(as, reason);
    if (child_) (*child_)->interrupt();
  }
  void stop_now() override { stop(JobStatus::cancelled, "cancelled"); }

 private:
  void describe(const link::ChildEnd& end, const std::string& child,
                run::JobFinished& finished) const {
    // A child that got to its end all the same keeps it.
    const auto wish = wish_.get();
    if (wish && end.status == RunStatus::cancelled) {
      finished.status = wish->as;
      finished.reason = wish->reason;
      return;
    }
    finished.status = status_of(end.status);
    finished.reason = child;
    if (end.status != RunStatus::succeeded) {
      finished.reason += " " + std::string(to_string(end.status));
      if (!end.reason.empty()) finished.reason += ": " + end.reason;
    }
  }

  static JobStatus status_of(RunStatus status) {
    switch (status) {
      case RunStatus::succeeded:
        return JobStatus::succeeded;
      case RunStatus::failed:
        return JobStatus::failed;
      case RunStatus::cancelled:
        return JobStatus::cancelled;
      case RunStatus::created:
      case RunStatus::running:
      case RunStatus::errored:
      case RunStatus::interrupted:
        break;
    }
    return JobStatus::errored;
  }

  const base::Result<std::unique_ptr<link::ChildRun>> child_;
  const protocol::JobOrder order_;
  link::EventSink& sink_;
  FirstWish wish_;
};

}  // namespace

std::unique_ptr<Attempt> make_child_attempt(const link::MakeChild& make, protocol::JobOrder order,
                                            link::EventSink& sink) {
  auto child = make(order);
  return std::make_unique<ChildAttempt>(std::move(child), std::move(order), sink);
}

}  // namespace pipeline::worker
