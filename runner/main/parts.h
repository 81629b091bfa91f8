// The parts of the program, each opened when a command first asks for it. The composition root: the
// only place that knows which implementation stands behind a port.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "agents/agent/remote_journal.h"
#include "agents/worker/local_worker.h"
#include "runner/cli/services.h"
#include "runner/main/local_environments.h"
#include "runner/main/supervised_job.h"
#include "stages/deploy/journal.h"
#include "stages/deploy/waiter.h"
#include "stages/host/system_clock.h"
#include "stages/workspace/layer_store.h"
#include "stages/workspace/workspace.h"

namespace pipeline {

class Parts : public cli::Services {
 public:
  Parts();
  // On that state directory.
  explicit Parts(std::optional<store::Paths> paths);
  ~Parts() override;

  const base::Clock& clock() override { return clock_; }
  base::Result<const store::Paths*> paths() override;
  base::Result<store::RunStore*> runs() override;
  base::Result<store::SecretVault*> secrets() override;
  base::Result<store::TestHistory*> tests() override;
  base::Result<source::Source*> source() override;
  base::Result<const artifact::ArtifactStore*> artifacts() override;
  base::Result<engine::Workbench*> workbench() override;
  base::Result<deploy::Journal*> journal() override;
  base::Result<deploy::Deployer*> deployer() override;
  base::Result<toggles::ToggleDesk*> toggles() override;
  void expect_jobs(cli::SandboxWish sandbox) override;
  base::Result<std::unique_ptr<link::Link>> make_worker(cli::SandboxWish sandbox,
                                                        cli::JobLives jobs,
                                                        link::MakeChild child) override;
  base::Result<> use_state_directory(const std::filesystem::path& directory) override;
  std::unique_ptr<store::DatabaseKeeper> make_database_keeper(const store::Paths& paths) override;
  base::Result<> serve(const cli::ServeOrder& order) override;
  std::vector<cli::Finding> look_before_serving(const settings::ServerSettings& settings,
                                                const store::Paths& paths) override;
  base::Result<> work_as_agent(const cli::AgentOptions& options) override;
  std::unique_ptr<cli::Services> another() const override {
    return std::make_unique<Parts>(paths_);
  }
  // From now on deployments are written down where the order says, from this machine.
  // REQUIRES: nothing was asked of the deployer yet, and the order has a journal.
  void write_deployments_to(const protocol::JobOrder& order);
  // From now on a process stands by for the next job that is to live by itself, in a sandbox.
  // REQUIRES: no worker was made yet.
  base::Result<> keep_job_standby();
  // Does ahead what jobs need of this process, but nothing that would grow old.
  void warm_up();
  // What a worker is made of; they live as long as this does.
  base::Result<worker::WorkerTools> worker_tools(cli::SandboxWish sandbox);

 protected:
  base::Result<const workspace::LayerStore*> layers();
  // Whether outputs of jobs can be had when a job needs them.
  virtual base::Result<std::function<bool(const base::Digest&)>> layer_check();

 private:
  base::Result<sandbox::Launcher*> launcher();
  // What running a job takes, on the store, source and directories above.
  base::Result<step::StepTools> step_tools();

  host::SystemClock clock_;
  std::optional<store::Paths> paths_;
  std::unique_ptr<store::RunStore> runs_;
  std::unique_ptr<store::SecretStore> secret_store_;
  std::optional<store::SecretVault> secrets_;
  std::unique_ptr<store::TestHistory> tests_;
  std::unique_ptr<source::Source> source_;
  std::optional<artifact::ArtifactStore> artifacts_;
  std::optional<workspace::LayerStore> layers_;
  std::optional<workspace::CacheStore> caches_;
  std::optional<workspace::WorkspaceRoom> workspaces_;
  std::optional<sandbox::Launcher> launcher_;
  std::shared_ptr<SupervisedJobs> jobs_;  // none: none stands by
  std::unique_ptr<engine::Workbench> workbench_;
  // Of jobs and of smoke gates; a worker's wish counts for the deployments it makes as well.
  sandbox::Isolation isolation_ = sandbox::Isolation::full;
  std::unique_ptr<deploy::Journal> journal_;
  std::unique_ptr<agent::RemoteJournal> remote_journal_;  // none: deployments are this machine's
  std::string machine_;                                   // what it calls this one
  std::optional<std::string> repository_;                 // of the trees of its releases, here
  std::unique_ptr<LocalEnvironments> environments_;
  deploy::SystemWaiter waiter_;
  std::unique_ptr<deploy::Deployer> deployer_;
  std::unique_ptr<store::ToggleStore> toggle_store_;
  std::optional<toggles::ToggleDesk> toggles_;
};

}  // namespace pipeline
