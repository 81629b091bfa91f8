// The layout of the state directory: the only place that spells its names.
//   pipeline.db                              runs, events, journals (SQLite, WAL)
//   pipeline.db.lock                         flock'ed while it is opened
//   secret.key                               what the secrets in pipeline.db are encrypted with
//   runs/<id>/lease                          locked by the process that drives the run (lease.h)
//   runs/<id>/coordinator.log                what the driver of a detached run had to say
//   runs/<id>/decisions/<slug>               what a person said to an approval (decision_box.h)
//   runs/<id>/jobs/<slug>.<attempt>/         log, index, plan and result of one attempt
//   locks/<name>/                            who holds a stage's lock, and who waits (fair_queue.h)
//   groups/<digest>/                         runs of a concurrency group, in order (group_queue.h)
//   successes/                               what each job's newest success depended on
//   caches/                                  directories that survive runs
//   mirrors/  trees/  layers/  artifacts/    shared, immutable, content-addressed but for the
//   mirrors work/                                    workspaces of running jobs
//   environments/<pipeline>/<environment>/   instances, releases, the switch's configuration
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

class Paths {
 public:
  explicit Paths(std::filesystem::path root) : root_(std::move(root)) {}

  // $PIPELINE_HOME, else $XDG_STATE_HOME/pipeline, else /var/lib/pipeline for root (jobs run under
  // another uid and must be able to reach it), else ~/.local/state/pipeline. Creates it (mode 0755
  // for root, 0700 otherwise).
  static base::Result<Paths> open_default();

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path database() const { return root_ / "pipeline.db"; }
  std::filesystem::path database_lock() const { return root_ / "pipeline.db.lock"; }
  std::filesystem::path secret_key() const { return root_ / "secret.key"; }
  std::filesystem::path runs() const { return root_ / "runs"; }
  std::filesystem::path run(run::RunId id) const { return runs() / std::to_string(id); }
  std::filesystem::path coordinator_log(run::RunId id) const { return run(id) / "coordinator.log"; }
  // `[`, `]`, `=`, `,` and `/` of a job's name become `-`, with a short hash when something was
  // changed.
  std::filesystem::path job(run::RunId id, const std::string& job, std::uint32_t attempt) const;
  // Where people leave what they decided on an approval.
  std::filesystem::path decision(run::RunId id, const std::string& job) const;
  std::filesystem::path mirrors() const { return root_ / "mirrors"; }
  std::filesystem::path trees() const { return root_ / "trees"; }
  // The queue for a stage's `lock`. Locks are shared by all pipelines of this state directory.
  std::filesystem::path lock(const std::string& name) const { return root_ / "locks" / name; }
  std::filesystem::path groups() const { return root_ / "groups"; }
  std::filesystem::path last_successes() const { return root_ / "successes"; }
  std::filesystem::path caches() const { return root_ / "caches"; }
  std::filesystem::path layers() const { return root_ / "layers"; }
  std::filesystem::path artifacts() const { return root_ / "artifacts"; }
  std::filesystem::path work() const { return root_ / "work"; }
  std::filesystem::path environment(const std::string& pipeline,
                                    const std::string& environment) const {
    return root_ / "environments" / pipeline / environment;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace pipeline::store
