#include "runner/cli/followed_run.h"

#include "runner/cli/run_place.h"

namespace pipeline::cli {

base::Result<FollowedRun> FollowedRun::open(run::RunId id, RunReader& runs) {
  PIPELINE_ASSIGN(engine::StoredRun run, load_run(runs, id));
  FollowedRun followed(id, std::move(run), runs);
  PIPELINE_TRY(followed.refresh());
  return followed;
}

base::Result<> FollowedRun::refresh() {
  // Asked before the events are read: what its driver wrote last is then among them.
  PIPELINE_ASSIGN(is_driven_, runs_->is_driven(id_));
  PIPELINE_ASSIGN(const auto events, runs_->events(id_, run_.state.last_sequence));
  for (const run::Event& event : events) {
    PIPELINE_TRY(run::apply(run_.state, run_.plan, event));
    run_.events.push_back(event);
  }
  is_over_ = run::is_terminal(run_.state.status) || !is_driven_;
  return {};
}

}  // namespace pipeline::cli
