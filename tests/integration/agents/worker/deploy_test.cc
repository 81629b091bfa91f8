#include <atomic>
#include <condition_variable>
#include <stop_token>

#include "tests/integration/agents/worker/worker_fixture.h"

namespace pipeline::worker {
namespace {

using base::Result;
using deploy::Verdict;
using run::JobStatus;

// Does what a test says, and as strict as the real one about being used by one thread at a time.
class ScriptedDeployer final : public deploy::Deployer {
 public:
  std::function<Result<deploy::DeploymentResult>(const deploy::Observer&, std::stop_token)> script;
  std::vector<deploy::DeploymentRequest> requests;

  Result<deploy::DeploymentResult> deploy(const deploy::DeploymentRequest& request,
                                          const deploy::Observer& observer,
                                          std::stop_token stop) override {
    EXPECT_FALSE(busy_.exchange(true)) << "two deployments at once";
    requests.push_back(request);
    auto result = script(observer, std::move(stop));
    busy_ = false;
    return result;
  }
  Result<deploy::DeploymentResult> resume(const deploy::EnvironmentKey&, const deploy::Observer&,
                                          std::stop_token) override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }
  Result<deploy::DeploymentResult> roll_back(const deploy::RollbackRequest&,
                                             const deploy::Observer&, std::stop_token) override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }
  Result<deploy::EnvironmentStatus> status(const deploy::EnvironmentKey&) override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }
  Result<std::vector<deploy::EnvironmentKey>> environments() override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }
  Result<std::string> owner(const deploy::EnvironmentKey&) override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }
  Result<> shut_down(const deploy::EnvironmentKey&, const deploy::Observer&) override {
    return base::fail(base::ErrorKind::internal, "not asked for");
  }

 private:
  std::atomic<bool> busy_ = false;
};

class DeployTest : public WorkerTest {
 protected:
  DeployTest() { deployer = &scripted; }

  protocol::JobOrder deploy_order(const std::string& job) {
    protocol::JobOrder made = order(job, {});
    protocol::DeployOrder deploy{.environment = {},
                                 .artifact = {"shop", *base::Digest::parse(std::string(64, 'a'))},
                                 .promote_from = "staging"};
    deploy.environment.name = "production";
    made.work = std::move(deploy);
    return made;
  }
  run::JobFinished ending_of(Result<deploy::DeploymentResult> result) {
    scripted.script = [&](const deploy::Observer&, const std::stop_token&) { return result; };
    return run(deploy_order("production"));
  }

  ScriptedDeployer scripted;
};

TEST_F(DeployTest, VerdictsBecomeStatuses) {
  EXPECT_EQ(ending_of(deploy::DeploymentResult{Verdict::promoted, 2, ""}).status,
            JobStatus::succeeded);
  EXPECT_EQ(ending_of(deploy::DeploymentResult{Verdict::unchanged, 2, ""}).status,
            JobStatus::succeeded);
  const auto back = ending_of(
      deploy::DeploymentResult{Verdict::rolled_back, 1, "smoke failed", rollout::Blame::release});
  EXPECT_EQ(back.status, JobStatus::failed);
  EXPECT_EQ(back.reason, "smoke failed");
  const auto ours = ending_of(deploy::DeploymentResult{Verdict::rolled_back, 1, "no haproxy",
                                                       rollout::Blame::nobody, "get it"});
  EXPECT_EQ(ours.status, JobStatus::errored);
  EXPECT_EQ(ours.reason, "no haproxy\nhint: get it");
  EXPECT_EQ(ending_of(base::fail(base::ErrorKind::invalid, "it is bad")).status, JobStatus::failed);
  EXPECT_EQ(ending_of(deploy::DeploymentResult{Verdict::frozen, 1, "look"}).status,
            JobStatus::errored);
  const auto error =
      ending_of(base::fail(base::Error(base::ErrorKind::unavailable, "no haproxy").hint("get it")));
  EXPECT_EQ(error.status, JobStatus::errored);
  EXPECT_EQ(error.reason, "no haproxy\nhint: get it");
}

TEST_F(DeployTest, PassesTheOrderOnAndTheProgressBack) {
  Recorder recorder;
  scripted.script = [](const deploy::Observer& observer, const std::stop_token&) {
    observer({"prepared", "4 instances"});
    return deploy::DeploymentResult{Verdict::promoted, 2, ""};
  };
  const auto worker = make_worker();
  worker->start(deploy_order("production"), recorder);
  EXPECT_EQ(recorder.finished().status, JobStatus::succeeded);
  ASSERT_EQ(scripted.requests.size(), 1U);
  EXPECT_EQ(scripted.requests[0].key.pipeline, "test");
  EXPECT_EQ(scripted.requests[0].key.environment, "production");
  EXPECT_EQ(scripted.requests[0].promote_from, std::vector<std::string>{"staging"});
  const auto advanced = recorder.all<run::DeploymentAdvanced>();
  ASSERT_EQ(advanced.size(), 2U);
  EXPECT_EQ(advanced[0].state, "prepared");
  EXPECT_EQ(advanced[1].detail, "release 2 serves");
}

Result<deploy::DeploymentResult> until_stopped(const deploy::Observer& observer,
                                               const std::stop_token& stop) {
  observer({"locked", ""});
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
  return deploy::DeploymentResult{Verdict::rolled_back, 1, "stopped"};
}

TEST_F(DeployTest, StopReachesTheDeployer) {
  Recorder recorder;
  scripted.script = until_stopped;
  const auto worker = make_worker();
  worker->start(deploy_order("production"), recorder);
  recorder.wait_for<run::JobStarted>();
  worker->stop("production", 1, JobStatus::timed_out, "timed out after 1h");
  const auto finished = recorder.finished();
  EXPECT_EQ(finished.status, JobStatus::timed_out);
  EXPECT_EQ(finished.reason, "timed out after 1h");
}

TEST_F(DeployTest, OneAfterAnotherAndTheQueueCanBeStopped) {
  Recorder recorder;
  scripted.script = until_stopped;
  const auto worker = make_worker();
  worker->start(deploy_order("first"), recorder);
  worker->start(deploy_order("second"), recorder);
  recorder.wait_for<run::JobStarted>();
  worker->stop("second", 1, JobStatus::cancelled, "x");
  worker->stop("first", 1, JobStatus::cancelled, "x");
  recorder.wait_for<run::JobFinished>(2);
  for (const auto& finished : recorder.all<run::JobFinished>())
    EXPECT_EQ(finished.status, JobStatus::cancelled);
}

TEST_F(DeployTest, WithoutADeployerItIsErrored) {
  deployer = nullptr;
  EXPECT_EQ(run(deploy_order("production")).status, JobStatus::errored);
}

}  // namespace
}  // namespace pipeline::worker
