#include <optional>
#include <stop_token>
#include <vector>

#include "agents/protocol/agent_messages_json.h"
#include "agents/worker/attempt.h"
#include "agents/worker/wish.h"
#include "pipelines/base/reason.h"
#include "pipelines/rollout/state.h"
#include "stages/host/file.h"
#include "stages/step/verdict.h"

namespace pipeline::worker {

using protocol::DeployAction;
using run::JobStatus;

namespace {

deploy::EnvironmentKey key_of(const protocol::JobOrder& order) {
  return {.pipeline = order.pipeline,
          .environment = std::get<protocol::DeployOrder>(order.work).environment.name};
}

deploy::DeploymentRequest request_of(const protocol::JobOrder& order) {
  const auto& work = std::get<protocol::DeployOrder>(order.work);
  std::vector<std::string> promote_from;
  if (work.promote_from) promote_from.push_back(*work.promote_from);
  return {.key = key_of(order),
          .environment = work.environment,
          .artifact = work.artifact.name,
          .digest = work.artifact.digest,
          .promote_from = std::move(promote_from),
          .run = order.run,
          .repository = work.repository.empty() ? order.repository : work.repository,
          .tree = order.tree,
          .force = work.force,
          .by = work.by};
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

protocol::DeploymentTold told(const base::Result<deploy::DeploymentResult>& result) {
  if (!result)
    return {.error = std::string(to_string(result.error().kind())),
            .reason = result.error().to_string(),
            .hint = result.error().hint().value_or("")};
  return {.verdict = std::string(deploy::to_string(result->verdict)),
          .release = result->release,
          .is_its_fault = result->blame == rollout::Blame::release,
          .reason = result->reason,
          .hint = result->hint};
}

protocol::InstanceTold told(const deploy::InstanceStatus& instance) {
  return {.name = instance.name,
          .release = instance.release,
          .address = instance.address,
          .pid = instance.pid,
          .healthy = instance.healthy,
          .in_traffic = instance.in_traffic,
          .is_looked_at = instance.is_looked_at};
}

class DeployAttempt final : public Attempt {
 public:
  DeployAttempt(DeployTurn& turn, protocol::JobOrder order, link::EventSink& sink)
      : turn_(turn), order_(std::move(order)), sink_(sink) {}

  void run() override {
    const deploy::EnvironmentKey key = key_of(order_);
    // Its time runs from when it is its turn.
    bool started = false;
    const auto observer = [&](const deploy::Progress& progress) {
      if (!started && progress.state == to_string(rollout::State::locked)) {
        sink_.post(run::JobStarted{order_.job, order_.attempt});
        started = true;
      }
      sink_.post(run::DeploymentAdvanced{order_.job, order_.attempt, key.environment,
                                         progress.state, progress.detail});
    };
    const auto result = turn_.take(
        [&](deploy::Deployer& deployer) { return act(deployer, observer); }, stop_.get_token());
    if (result && work().action == DeployAction::deploy) observer(last_step(*result));
    tell(result);
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
  const protocol::DeployOrder& work() const { return std::get<protocol::DeployOrder>(order_.work); }

  base::Result<deploy::DeploymentResult> act(deploy::Deployer& deployer,
                                             const deploy::Observer& observer) {
    const deploy::EnvironmentKey key = key_of(order_);
    switch (work().action) {
      case DeployAction::resume:
        return deployer.resume(key, observer, stop_.get_token());
      case DeployAction::roll_back:
        return deployer.roll_back({.key = key, .release = work().release, .by = work().by},
                                  observer, stop_.get_token());
      case DeployAction::shut_down:
        PIPELINE_TRY(deployer.shut_down(key, observer));
        return deploy::DeploymentResult{.verdict = deploy::Verdict::unchanged, .reason = {}};
      case DeployAction::look: {
        PIPELINE_ASSIGN(const auto status, deployer.status(key));
        for (const auto& instance : status.instances) looked_at_.push_back(told(instance));
        return deploy::DeploymentResult{
            .verdict = deploy::Verdict::unchanged, .release = status.release, .reason = {}};
      }
      case DeployAction::deploy:
        break;
    }
    return deployer.deploy(request_of(order_), observer, stop_.get_token());
  }

  // More than an event has room for, for whoever asked for it from elsewhere.
  void tell(const base::Result<deploy::DeploymentResult>& result) const {
    if (!work().journal) return;
    protocol::DeploymentTold all = told(result);
    all.instances = looked_at_;
    // On a disk that does not want to, how the job ended still says what came of it.
    (void)host::write_file(order_.log_directory / protocol::kDeploymentFile, protocol::to_json(all),
                           host::Durability::cached);
  }

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
  std::vector<protocol::InstanceTold> looked_at_;
};

}  // namespace

std::unique_ptr<Attempt> make_deploy_attempt(DeployTurn& turn, protocol::JobOrder order,
                                             link::EventSink& sink) {
  return std::make_unique<DeployAttempt>(turn, std::move(order), sink);
}

}  // namespace pipeline::worker
