// What commands need of the rest of the program. Implemented by the composition root (runner/main),
// which opens each part when it is first asked for: `pipeline check` opens nothing, and a run does
// not pay for what it does not use.
//
// Pointers are never null, stay the services' own and live as long as they do. Threads: one.
#pragma once

#include <memory>
#include <vector>

#include "agents/link/child_run.h"
#include "agents/link/link.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/config/server_environment.h"
#include "runner/cli/options.h"
#include "runner/engine/workbench.h"
#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"
#include "runner/store/secret_vault.h"
#include "runner/store/test_history.h"
#include "runner/toggles/toggle_desk.h"
#include "stages/artifact/artifact_store.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/journal.h"
#include "stages/source/source.h"

namespace pipeline::settings {
struct ServerSettings;
}

namespace pipeline::cli {

struct Finding;     // finding.h
struct ServeOrder;  // serve_settings.h

// Whether jobs end with this process, or live on without it until somebody drives their run again.
enum class JobLives { with_us, by_themselves };

class Services {
 public:
  virtual ~Services() = default;
  virtual const base::Clock& clock() = 0;
  virtual base::Result<const store::Paths*> paths() = 0;
  virtual base::Result<store::RunStore*> runs() = 0;
  virtual base::Result<store::SecretVault*> secrets() = 0;
  virtual base::Result<store::TestHistory*> tests() = 0;
  virtual base::Result<source::Source*> source() = 0;
  virtual base::Result<const artifact::ArtifactStore*> artifacts() = 0;
  virtual base::Result<engine::Workbench*> workbench() = 0;
  virtual base::Result<deploy::Journal*> journal() = 0;
  virtual base::Result<deploy::Deployer*> deployer() = 0;
  virtual base::Result<toggles::ToggleDesk*> toggles() = 0;
  // What a server defines for the repository of that canonical path or URL, to plan its runs with.
  // This machine, for its user alone, defines nothing.
  virtual base::Result<config::ServerEnvironments> server_environments(
      const std::string& /*repository*/) {
    return config::ServerEnvironments();
  }
  // Jobs are likely to run soon: what can be made ready for the first one is, beside whatever the
  // caller does. Never fails; what is wrong shows when a worker is made or a job runs.
  virtual void expect_jobs(SandboxWish sandbox) = 0;
  // A worker of the caller's own: whoever it reports to must outlive it. `child` makes the runs of
  // its jobs of kind `pipeline`.
  virtual base::Result<std::unique_ptr<link::Link>> make_worker(SandboxWish sandbox, JobLives jobs,
                                                                link::MakeChild child) = 0;
  // Another state directory than the default. Before anything else is asked for.
  virtual base::Result<> use_state_directory(const std::filesystem::path& directory) = 0;
  // Of the database of that state directory, which is opened when the keeper first needs it.
  virtual std::unique_ptr<store::DatabaseKeeper> make_database_keeper(
      const store::Paths& paths) = 0;
  // `pipeline serve` and `pipeline agent`, until a signal ends them.
  virtual base::Result<> serve(const ServeOrder& order) = 0;
  // Whether a server could start on a state directory, which need not exist.
  virtual std::vector<Finding> look_before_serving(const settings::ServerSettings& settings,
                                                   const store::Paths& paths) = 0;
  virtual base::Result<> work_as_agent(const AgentOptions& options) = 0;
  // The same on the same state directory, opened anew, for another thread.
  virtual std::unique_ptr<Services> another() const = 0;
};

}  // namespace pipeline::cli
