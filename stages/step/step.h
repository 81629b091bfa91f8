// Runs one attempt of one command job: workspace → sandbox → artifacts and outputs → outcome.
//
//   Step step(tools, order);
//   step.run(observer)          once; blocks until nothing of the job is left
//   step.stop(…), stop_now()    from any thread, before or during run(), any number of times
//
// The observer is called from run()'s thread, in this order:
//   service_awaited* → started → (command_started → command_finished)* → finishing
// and not at all for a job that could not be set up; without `started` for one whose services never
// became ready. run() never fails: whatever goes wrong is an
// outcome with a reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/stage.h"
#include "pipelines/run/event.h"
#include "stages/artifact/artifact_store.h"
#include "stages/sandbox/launch.h"
#include "stages/source/source.h"
#include "stages/workspace/cache_store.h"
#include "stages/workspace/workspace.h"

namespace pipeline::step {

// What steps share; safe for concurrent use, and outlives them.
struct StepTools {
  source::Source& source;
  const workspace::LayerStore& layers;
  const artifact::ArtifactStore& artifacts;
  const workspace::CacheStore& caches;
  workspace::WorkspaceRoom& workspaces;
  sandbox::Launcher& launcher;
  sandbox::Isolation isolation = sandbox::Isolation::full;
};

struct UsedArtifact {
  std::string name;
  base::Digest digest;
};

struct StepOrder {
  std::string repository;
  std::string tree;
  model::CommandWork work;
  std::map<std::string, std::string> env;      // complete but for WORKSPACE and ARTIFACT_*
  std::map<std::string, std::string> secrets;  // set in the environment, masked in the log
  std::vector<base::Digest> layers;            // lowest first
  std::vector<UsedArtifact> uses;
  workspace::Trust trust = workspace::Trust::trusted;  // of the run: which caches it may touch
  base::Duration timeout{0};
  // copy: the workspace is left as it is, and `workspace` in the log directory leads to it
  workspace::Take outputs = workspace::Take::move;
  // Another job may come while this one runs: a helper is made ready for it meanwhile.
  bool another_may_follow = false;
  std::filesystem::path log_directory;
};

struct StepOutcome {
  run::JobStatus status = run::JobStatus::succeeded;
  std::string reason;  // on success a note, or empty
  std::optional<base::Digest> outputs;
  std::vector<run::ProducedArtifact> artifacts;
  // Sentences, of a success too: a cache that was not saved, a secret in an artifact.
  std::vector<std::string> warnings{};
  run::Usage usage;
  std::optional<report::TestSummary> tests;  // the whole report lies in the log directory
};

class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void service_awaited(std::uint32_t /*index*/) {}
  virtual void started() = 0;
  virtual void command_started(std::uint32_t index) = 0;
  virtual void command_finished(std::uint32_t index, int exit_code) = 0;
  virtual void finishing() = 0;
};

class Step {
 public:
  Step(const StepTools& tools, StepOrder order);
  ~Step();
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  StepOutcome run(StepObserver& observer);
  // TERM now, KILL after the grace time. The outcome carries `as` (timed_out or cancelled) and the
  // reason, unless the job was over before.
  void stop(run::JobStatus as, const std::string& reason);
  void stop_now();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The environment variable that tells where an artifact is: ARTIFACT_ and the name in upper case,
// with `_` for everything that is no letter or digit.
std::string artifact_variable(const std::string& name);

}  // namespace pipeline::step
