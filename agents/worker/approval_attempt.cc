#include <optional>
#include <stop_token>

#include "agents/worker/attempt.h"
#include "agents/worker/wish.h"
#include "pipelines/base/duration.h"
#include "pipelines/base/reason.h"
#include "pipelines/plan/describe.h"

namespace pipeline::worker {

using run::JobStatus;

namespace {

class ApprovalAttempt final : public Attempt {
 public:
  ApprovalAttempt(AwaitDecision decision, protocol::JobOrder order, link::EventSink& sink)
      : decision_(std::move(decision)), order_(std::move(order)), sink_(sink) {}

  void run() override {
    const auto& approval = std::get<protocol::ApprovalOrder>(order_.work);
    sink_.post(run::JobWaiting{order_.job, order_.attempt, question(approval)});
    run::JobFinished finished;
    finished.job = order_.job;
    finished.attempt = order_.attempt;
    describe(decision_(order_, stop_.get_token()), finished);
    sink_.post(std::move(finished));
  }

  void stop(JobStatus as, const std::string& reason) override {
    wish_.make(as, reason);
    stop_.request_stop();
  }
  void stop_now() override { stop(JobStatus::cancelled, "cancelled"); }

 private:
  std::string question(const protocol::ApprovalOrder& approval) const {
    const std::string asked = approval.work.prompt.empty() ? "" : approval.work.prompt + ": ";
    return asked + plan::describe(approval.work) + ": pipeline approve " +
           std::to_string(order_.run) + " " + approval.stage;
  }

  void describe(const base::Result<std::optional<Decision>>& decision, run::JobFinished& finished) {
    if (!decision) {
      finished.status = JobStatus::errored;
      finished.reason = base::reason_of(decision.error());
    } else if (*decision) {
      describe(**decision, finished);
    } else if (const auto wish = wish_.get()) {
      finished.status = wish->as;
      finished.reason = wish->reason;
    } else {
      finished.status = JobStatus::timed_out;
      finished.reason = "nobody approved within " + base::format_duration(order_.timeout);
    }
  }

  void describe(const Decision& decision, run::JobFinished& finished) {
    std::string said = (decision.approved ? "approved by " : "rejected by ") + decision.by;
    if (!decision.comment.empty()) said += ": " + decision.comment;
    if (decision.approved) {
      // A success has no reason: who gave it stands in the history.
      sink_.post(run::JobWaiting{order_.job, order_.attempt, said});
    } else {
      finished.status = JobStatus::failed;
      finished.reason = std::move(said);
    }
  }

  const AwaitDecision decision_;
  const protocol::JobOrder order_;
  link::EventSink& sink_;
  std::stop_source stop_;
  FirstWish wish_;
};

}  // namespace

std::unique_ptr<Attempt> make_approval_attempt(const AwaitDecision& decision,
                                               protocol::JobOrder order, link::EventSink& sink) {
  return std::make_unique<ApprovalAttempt>(decision, std::move(order), sink);
}

}  // namespace pipeline::worker
