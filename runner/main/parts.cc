#include "runner/main/parts.h"

#include <thread>

#include "agents/worker/local_worker.h"
#include "agents/worker/supervised/supervised_worker.h"
#include "runner/engine/local_workbench.h"
#include "runner/main/server_program.h"
#include "runner/main/supervised_job.h"
#include "runner/main/worker_ports.h"
#include "runner/serve/preflight.h"
#include "runner/store/sqlite/sqlite_database_keeper.h"
#include "runner/store/sqlite/sqlite_journal.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "runner/store/sqlite/sqlite_secret_store.h"
#include "runner/store/sqlite/sqlite_test_history.h"
#include "runner/store/sqlite/sqlite_toggle_store.h"
#include "stages/deploy/driver.h"
#include "stages/host/helper_program.h"
#include "stages/source/git_source.h"

namespace pipeline {

namespace {

constexpr std::uint64_t kCacheBudget = std::uint64_t{10} << 30U;
// Between two tries to write a deployment down.
constexpr std::chrono::seconds kServerGone{2};

// Opened each time: whoever asks may be on a thread of its own.
LocalEnvironments::ReadSettings settings_in(const store::Paths& paths) {
  return [paths](const deploy::EnvironmentKey& key) -> base::Result<toggle::Settings> {
    PIPELINE_ASSIGN(const auto toggles, store::open_sqlite_toggle_store(paths));
    return toggles->settings(key);
  };
}

}  // namespace

Parts::Parts() = default;
Parts::Parts(std::optional<store::Paths> paths) : paths_(std::move(paths)) {}
Parts::~Parts() = default;

base::Result<const store::Paths*> Parts::paths() {
  if (!paths_) {
    PIPELINE_ASSIGN(paths_, store::Paths::open_default());
  }
  return &*paths_;
}

base::Result<> Parts::use_state_directory(const std::filesystem::path& directory) {
  PIPELINE_ASSIGN(paths_, store::Paths::open(directory));
  return {};
}

std::unique_ptr<store::DatabaseKeeper> Parts::make_database_keeper(const store::Paths& paths) {
  return store::make_sqlite_database_keeper(paths);
}

base::Result<> Parts::serve(const cli::ServeOrder& order) {
  return serve_with(order, *this);
}

std::vector<cli::Finding> Parts::look_before_serving(const settings::ServerSettings& settings,
                                                     const store::Paths& paths) {
  return serve::look_before_start(settings, paths, *make_database_keeper(paths), clock_.now());
}

base::Result<> Parts::work_as_agent(const cli::AgentOptions& options) {
  return work_as_agent_with(options, *this);
}

base::Result<store::RunStore*> Parts::runs() {
  if (!runs_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(runs_, store::open_sqlite_run_store(*paths));
  }
  return runs_.get();
}

base::Result<store::SecretVault*> Parts::secrets() {
  if (!secrets_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(secret_store_, store::open_sqlite_secret_store(*paths));
    secrets_.emplace(*secret_store_, secret::key_place(paths->secret_key()));
  }
  return &*secrets_;
}

base::Result<store::TestHistory*> Parts::tests() {
  if (!tests_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(tests_, store::open_sqlite_test_history(*paths));
  }
  return tests_.get();
}

base::Result<source::Source*> Parts::source() {
  if (!source_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    source_ = source::make_git_source(paths->mirrors(), paths->trees());
  }
  return source_.get();
}

base::Result<const artifact::ArtifactStore*> Parts::artifacts() {
  if (!artifacts_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    artifacts_.emplace(paths->artifacts());
  }
  return &*artifacts_;
}

base::Result<const workspace::LayerStore*> Parts::layers() {
  if (!layers_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    layers_.emplace(paths->layers());
  }
  return &*layers_;
}

base::Result<sandbox::Launcher*> Parts::launcher() {
  if (!launcher_) {
    PIPELINE_ASSIGN(auto helper, host::find_helper(sandbox::kHelperName));
    launcher_.emplace(std::move(helper));
  }
  return &*launcher_;
}

base::Result<step::StepTools> Parts::step_tools() {
  PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
  PIPELINE_ASSIGN(source::Source* const source, this->source());
  PIPELINE_ASSIGN(const workspace::LayerStore* const layers, this->layers());
  PIPELINE_ASSIGN(const artifact::ArtifactStore* const artifacts, this->artifacts());
  PIPELINE_ASSIGN(sandbox::Launcher* const launcher, this->launcher());
  if (!workspaces_) workspaces_.emplace(paths->work());
  if (!caches_) caches_.emplace(paths->caches(), kCacheBudget);
  return step::StepTools{.source = *source,
                         .layers = *layers,
                         .artifacts = *artifacts,
                         .caches = *caches_,
                         .workspaces = *workspaces_,
                         .launcher = *launcher,
                         .isolation = isolation_};
}

void Parts::expect_jobs(cli::SandboxWish wish) {
  if (wish == cli::SandboxWish::none) return;
  if (const auto launcher = this->launcher()) (*launcher)->prepare();
}

void Parts::warm_up() {
  if (const auto launcher = this->launcher()) (*launcher)->warm_up();
}

base::Result<worker::WorkerTools> Parts::worker_tools(cli::SandboxWish wish) {
  if (wish == cli::SandboxWish::none) isolation_ = sandbox::Isolation::none;
  PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
  PIPELINE_ASSIGN(const auto step, step_tools());
  return worker::WorkerTools{.step = step,
                             .deployer = [this] { return deployer(); },
                             .decision = decisions_in(*paths),
                             .lock = locks_in(*paths)};
}

base::Result<std::unique_ptr<link::Link>> Parts::make_worker(cli::SandboxWish wish,
                                                             cli::JobLives jobs,
                                                             link::MakeChild child) {
  PIPELINE_ASSIGN(worker::WorkerTools tools, worker_tools(wish));
  tools.child = std::move(child);
  auto local = worker::make_local_worker(std::move(tools));
  if (jobs == cli::JobLives::with_us) return local;
  std::shared_ptr<SupervisedJobs> starter = jobs_;
  if (!starter) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    starter = std::make_shared<SupervisedJobs>(*paths, wish);
  }
  return worker::make_supervised_worker(
      std::move(local),
      [starter](const protocol::JobOrder& order, int order_descriptor, int listener) {
        return starter->start(order, order_descriptor, listener);
      });
}

base::Result<> Parts::keep_job_standby() {
  PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
  jobs_ = std::make_shared<SupervisedJobs>(*paths, cli::SandboxWish::full);
  jobs_->keep_standby();
  return {};
}

base::Result<std::function<bool(const base::Digest&)>> Parts::layer_check() {
  PIPELINE_ASSIGN(const workspace::LayerStore* const layers, this->layers());
  return [layers](const base::Digest& digest) { return layers->find(digest).has_value(); };
}

base::Result<engine::Workbench*> Parts::workbench() {
  if (!workbench_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(source::Source* const source, this->source());
    PIPELINE_ASSIGN(const artifact::ArtifactStore* const artifacts, this->artifacts());
    PIPELINE_ASSIGN(auto has_layer, layer_check());
    workbench_ = std::make_unique<engine::LocalWorkbench>(
        *paths, *source, std::move(has_layer),
        [artifacts](const base::Digest& digest) { return artifacts->has(digest); });
  }
  return workbench_.get();
}

base::Result<deploy::Journal*> Parts::journal() {
  if (!journal_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(journal_, store::open_sqlite_journal(*paths));
  }
  return journal_.get();
}

void Parts::write_deployments_to(const protocol::JobOrder& order) {
  const auto& work = std::get<protocol::DeployOrder>(order.work);
  machine_ = work.journal->agent;
  repository_ = order.repository;
  remote_journal_ = std::make_unique<agent::RemoteJournal>(
      agent::journal_over_http(*work.journal, {order.run, order.job, order.attempt}),
      deploy::EnvironmentKey{order.pipeline, work.environment.name},
      agent::Patience{.pause = [] { std::this_thread::sleep_for(kServerGone); }},
      [this](
          const deploy::EnvironmentKey& key) -> base::Result<std::unique_ptr<deploy::QueuePlace>> {
        PIPELINE_ASSIGN(deploy::Journal* const journal, this->journal());
        return journal->enqueue(key);
      });
}

base::Result<deploy::Deployer*> Parts::deployer() {
  if (!deployer_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_TRY(journal());
    PIPELINE_ASSIGN(const auto step, step_tools());
    PIPELINE_ASSIGN(auto instance, host::find_helper("pipeline-instance"));
    PIPELINE_ASSIGN(auto relay, host::find_helper("pipeline-relay"));
    LocalEnvironments::ReadSettings settings = settings_in(*paths);
    if (remote_journal_)
      settings = [this](const deploy::EnvironmentKey&) { return remote_journal_->settings(); };
    environments_ = std::make_unique<LocalEnvironments>(
        *paths, step, HelperPrograms{std::move(instance), std::move(relay)}, std::move(settings),
        clock_, repository_);
    deploy::Journal& written = remote_journal_ ? *remote_journal_ : *journal_;
    deployer_ =
        std::make_unique<deploy::Driver>(written, *environments_, waiter_, clock_, machine_);
  }
  return deployer_.get();
}

base::Result<toggles::ToggleDesk*> Parts::toggles() {
  if (!toggles_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(deploy::Journal* const journal, this->journal());
    PIPELINE_ASSIGN(source::Source* const source, this->source());
    PIPELINE_ASSIGN(toggle_store_, store::open_sqlite_toggle_store(*paths));
    toggles_.emplace(*journal, *toggle_store_, *source, clock_);
  }
  return &*toggles_;
}

}  // namespace pipeline
