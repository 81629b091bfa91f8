// What the engine asks of the machine that it drives a run from, beside the store and the workers:
// a place for logs, and whether an earlier result may stand in for a job. A port, so that the
// engine runs in a simulation; local_workbench.h is the real one.
//
// Called from the engine's thread only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/result_key.h"
#include "pipelines/run/event.h"
#include "runner/store/run_store.h"

namespace pipeline::engine {

class Workbench {
 public:
  virtual ~Workbench() = default;

  // Makes the directory for one attempt's log and result; making it again is not an error.
  virtual base::Result<std::filesystem::path> log_directory(run::RunId run, const std::string& job,
                                                            std::uint32_t attempt) = 0;

  // The name of a job's result (plan/result_key.h): fills in the files of the run's tree and the
  // tools of this machine, and hashes. None: the job's results are never used again.
  struct ResultKey {
    base::Digest digest;
    plan::ResultManifest manifest;
  };
  virtual base::Result<std::optional<ResultKey>> result_key(const run::RunSpec& spec,
                                                            const plan::Plan& plan,
                                                            const plan::Job& job,
                                                            plan::ResultKeyInput input) = 0;

  // What the newest success of a job depended on, for telling what has changed since. Best effort:
  // nothing else is decided by it.
  struct LastSuccess {
    run::RunId run = 0;
    plan::ResultManifest manifest;
  };
  virtual void remember(const run::RunSpec& spec, const std::string& job,
                        const LastSuccess& success) = 0;
  virtual std::optional<LastSuccess> recall(const run::RunSpec& spec, const std::string& job) = 0;

  // A digest of the files of the run's tree that match the glob, as text.
  virtual base::Result<std::string> files_digest(const run::RunSpec& spec,
                                                 const std::string& glob) = 0;

  // Whether everything the result names (layer, artifacts) is still on this machine.
  virtual bool is_available(const store::CachedResult& result) = 0;
};

}  // namespace pipeline::engine
