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
//   keeping.lock                             locked while it is backed up or cleaned (lease.h)
// and of a server's or an agent's:
//   server.lock                              locked by the server (lease.h)
//   admin.token                              the token that the first start of the server made
//   repositories/<name>.git/                 hosted repositories
//   repositories/<name>.seen                 a repository's refs, as of the last look whose runs
//                                            have begun, be it hosted here or not
//   exports/                                 trees of runs, for agents to fetch
//   packed-layers/<digest>                   outputs of jobs as agents brought them
//   uploads/                                 bodies of requests on their way
//   git-hooks/                               what git asks the server by, of each push
//   attempts/                                what an agent holds
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
  // Which one that is; nothing is made.
  static base::Result<std::filesystem::path> default_root();
  // This one, made in the same way.
  static base::Result<Paths> open(const std::filesystem::path& root);

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
  std::filesystem::path server_lock() const { return root_ / "server.lock"; }
  std::filesystem::path keeping_lock() const { return root_ / "keeping.lock"; }
  std::filesystem::path admin_token() const { return root_ / "admin.token"; }
  std::filesystem::path repositories() const { return root_ / "repositories"; }
  std::filesystem::path repository(const std::string& name) const {
    return repositories() / (name + ".git");
  }
  // Which refs of a repository have had their runs.
  std::filesystem::path seen_refs(const std::string& name) const {
    return repositories() / (name + ".seen");
  }
  std::filesystem::path exports() const { return root_ / "exports"; }
  std::filesystem::path packed_layers() const { return root_ / "packed-layers"; }
  std::filesystem::path uploads() const { return root_ / "uploads"; }
  // Git's, which ask the server of a push.
  std::filesystem::path git_hooks() const { return root_ / "git-hooks"; }
  std::filesystem::path attempts() const { return root_ / "attempts"; }
  std::filesystem::path environments() const { return root_ / "environments"; }
  std::filesystem::path environment(const std::string& pipeline,
                                    const std::string& environment) const {
    return environments() / pipeline / environment;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace pipeline::store
