#include <optional>
#include <stop_token>

#include "agents/worker/attempt.h"
#include "agents/worker/wish.h"
#include "pipelines/base/reason.h"
#include "pipelines/rollout/state.h"
#include "stages/step/verdict.h"

namespace pipeline::worker {

using run::JobStatus;

namespace {

deploy::DeploymentRequest request_of(const protocol::JobOrder& order) {
  const auto& work = std::get<protocol::DeployOrder>(order.work);
  std::vector<std::string> promote_from;
  if (work.promote_from) promote_from.push_back(*work.promote_from);
  return {.key = {.pipeline = order.pipeline, .environment = work.environment.name},
          .environment = work.environment,
          .artifact = work.artifact.name,
          .digest = work.artifact.digest,
          .promote_from = std::move(promote_from),
          .run = order.run,
          .repository = order.repository,
          .tree = order.tree};
}

// What serves now, as the last step of the deployment.
deploy::Progress last_step(const deploy::DeploymentResult& result) {
  const std::string release = std::to_string(result.release);
  const std::string detail =
      result.release == 0 ? "nothing serves" : "release " + release + " serves";
  switch (result.verdict) {
    case deploy::Verdict::promoted:
    case deploy::Verdict::unchanged:
    case deploy::Verdict::restored:
      return {"promoted", detail};
    case deploy::Verdict::rolled_back:
      return {"rolled-back", detail};
    case deploy::Verdict::frozen:
      break;
  }
  return {"frozen", detail};
}

class DeployAttempt final : public Attempt {
 public:
  DeployAttempt(DeployTurn& turn, protocol::JobOrder order, link::EventSink& sink)
      : turn_(turn), order_(std::move(order)), sink_(sink) {}

  void run() override {
    const deploy::DeploymentRequest request = request_of(order_);
    // Its time runs from when it is its turn.
    bool started = false;
    const auto observer = [&](const deploy::Progress& progress) {
      if (!started && progress.state == to_string(rollout::State::locked)) {
        sink_.post(run::JobStarted{order_.job, order_.attempt});
        started = true;
      }
      sink_.post(run::DeploymentAdvanced{order_.job, order_.attempt, request.key.environment,
                                         progress.state, progress.detail});
    };
    const auto result = turn_.deploy(request, observer, stop_.get_token());
    if (result) observer(last_step(*result));
    sink_.post(run::JobFinishing{order_.job, order_.attempt});
    run::JobFinished finished;
    finished.job = order_.job;
    finished.attempt = order_.attempt;
    describe(result, finished);
    sink_.post(std::move(finished));
  }

  void stop(JobStatus as, const std::string& reason) override {
    wish_.make(as, reason);
    stop_.request_stop();
  }
  // A deployment has one way to stop: back to a release that serves.
  void stop_now() override { stop(JobStatus::cancelled, "cancelled"); }

 private:
  void describe(const base::Result<deploy::DeploymentResult>& result, run::JobFinished& finished) {
    if (!result) {
      // What the user's own policy refuses is no trouble of ours.
      step::Verdict verdict = step::verdict_of(result.error());
      finished.status = verdict.status;
      finished.reason = std::move(verdict.reason);
    } else {
      finished.reason = base::reason_of(result->reason, result->hint);
      finished.status = status_of(*result);
    }
    // A deployment that was stopped has been rolled back, or never began; a frozen one is worse
    // than stopped, and a promoted one was faster.
    const bool over = finished.status == JobStatus::succeeded ||
                      (result && result->verdict == deploy::Verdict::frozen);
    const auto wish = wish_.get();
    if (!wish || over) return;
    finished.status = wish->as;
    finished.reason = wish->reason;
  }

  static JobStatus status_of(const deploy::DeploymentResult& result) {
    switch (result.verdict) {
      case deploy::Verdict::promoted:
      case deploy::Verdict::unchanged:
      case deploy::Verdict::restored:
        return JobStatus::succeeded;
      case deploy::Verdict::rolled_back:
        return result.blame == rollout::Blame::release ? JobStatus::failed : JobStatus::errored;
      case deploy::Verdict::frozen:
        break;
    }
    return JobStatus::errored;
  }

  DeployTurn& turn_;
  const protocol::JobOrder order_;
  link::EventSink& sink_;
  std::stop_source stop_;
  FirstWish wish_;
};

}  // namespace

std::unique_ptr<Attempt> make_deploy_attempt(DeployTurn& turn, protocol::JobOrder order,
                                             link::EventSink& sink) {
  return std::make_unique<DeployAttempt>(turn, std::move(order), sink);
}

}  // namespace pipeline::worker
