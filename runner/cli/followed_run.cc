#include "runner/cli/followed_run.h"

#include "runner/cli/user_mistake.h"
#include "runner/store/lease.h"

namespace pipeline::cli {

base::Result<FollowedRun> FollowedRun::open(run::RunId id, store::RunStore& store,
                                            const store::Paths& paths) {
  PIPELINE_ASSIGN(engine::StoredRun run, of_a_name(engine::load_run(store, id)));
  FollowedRun followed(id, std::move(run), store, paths);
  PIPELINE_TRY(followed.refresh());
  return followed;
}

base::Result<> FollowedRun::refresh() {
  // Asked before the events are read: what its driver wrote last is then among them.
  is_driven_ = store::lease_holder(*paths_, id_).has_value();
  PIPELINE_ASSIGN(const auto events, store_->events(id_, run_.state.last_sequence));
  for (const run::Event& event : events) {
    PIPELINE_TRY(run::apply(run_.state, run_.plan, event));
    run_.events.push_back(event);
  }
  is_over_ = run::is_terminal(run_.state.status) || !is_driven_;
  return {};
}

}  // namespace pipeline::cli
