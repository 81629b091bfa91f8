#include "runner/main/parts.h"

#include "agents/worker/local_worker.h"
#include "agents/worker/supervised/supervised_worker.h"
#include "runner/engine/local_workbench.h"
#include "runner/main/server_program.h"
#include "runner/main/supervised_job.h"
#include "runner/main/worker_ports.h"
#include "runner/store/sqlite/sqlite_journal.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "runner/store/sqlite/sqlite_secret_store.h"
#include "runner/store/sqlite/sqlite_test_history.h"
#include "stages/deploy/driver.h"
#include "stages/host/helper_program.h"
#include "stages/source/git_source.h"

namespace pipeline {

namespace {

constexpr std::uint64_t kCacheBudget = std::uint64_t{10} << 30U;

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

base::Result<> Parts::serve(const cli::ServeOptions& options) {
  return serve_with(options, *this);
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
  PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
  auto start = start_supervised_job(*paths, wish);
  return worker::make_supervised_worker(std::move(local), std::move(start));
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

base::Result<deploy::Deployer*> Parts::deployer() {
  if (!deployer_) {
    PIPELINE_ASSIGN(const store::Paths* const paths, this->paths());
    PIPELINE_ASSIGN(journal_, store::open_sqlite_journal(*paths));
    PIPELINE_ASSIGN(const auto step, step_tools());
    PIPELINE_ASSIGN(auto instance, host::find_helper("pipeline-instance"));
    PIPELINE_ASSIGN(auto relay, host::find_helper("pipeline-relay"));
    environments_ = std::make_unique<LocalEnvironments>(
        *paths, step, HelperPrograms{std::move(instance), std::move(relay)}, clock_);
    deployer_ = std::make_unique<deploy::Driver>(*journal_, *environments_, waiter_, clock_);
  }
  return deployer_.get();
}

}  // namespace pipeline
