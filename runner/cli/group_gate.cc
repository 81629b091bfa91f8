#include "runner/cli/group_gate.h"

#include "runner/cli/run_driver.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

namespace {

std::string superseded_by(run::RunId run) {
  return "superseded by run " + std::to_string(run);
}

}  // namespace

GroupGate::GroupGate(store::Paths paths, store::RunStore& store, std::string group,
                     model::Superseded superseded, std::unique_ptr<store::GroupQueue> queue,
                     StopHere stop_here)
    : paths_(std::move(paths)),
      store_(store),
      group_(std::move(group)),
      superseded_(superseded),
      queue_(std::move(queue)),
      stop_here_(std::move(stop_here)) {}

base::Result<std::unique_ptr<GroupGate>> GroupGate::join(const store::Paths& paths,
                                                         store::RunStore& store,
                                                         const engine::Engine& engine,
                                                         StopHere stop_here) {
  if (!engine.waits_for_group()) return nullptr;
  const std::string& group = engine.spec().concurrency_group;
  const model::Concurrency rules =
      engine.plan().pipeline.concurrency.value_or(model::Concurrency());
  PIPELINE_ASSIGN(auto queue,
                  store::GroupQueue::join(paths, {engine.spec().repository, group, rules.limit},
                                          {.run = engine.id(), .superseded = rules.superseded}));
  return std::unique_ptr<GroupGate>(
      new GroupGate(paths, store, group, rules.superseded, std::move(queue), std::move(stop_here)));
}

base::Result<engine::RunGate::Look> GroupGate::look() {
  PIPELINE_ASSIGN(const store::GroupTurn turn, queue_->look());
  if (const auto* superseded = std::get_if<store::GroupSuperseded>(&turn)) {
    return Superseded{superseded_by(superseded->by)};
  }
  const auto* wait = std::get_if<store::GroupWait>(&turn);
  if (wait == nullptr) return Open{};
  if (superseded_ == model::Superseded::cancel_running) end_those_before(*wait);
  return Closed{store::describe(*wait, group_)};
}

// Those that wait see for themselves that they are superseded.
void GroupGate::end_those_before(const store::GroupWait& wait) {
  for (const store::GroupMember& older : wait.before) {
    if (!older.has_begun || older.run == 0 || !asked_.insert(older.run).second) continue;
    if (stop_here_ && stop_here_(older.run)) continue;
    // One that is over already, another user's, or the work of another run's job is waited for like
    // any other.
    if (const auto spec = engine::load_spec(store_, older.run)) {
      (void)ask_to_stop(paths_, older.run, *spec);
    }
  }
}

std::string GroupGate::why_interrupted() {
  const auto newer = queue_->ended_by();
  return newer && *newer != 0 ? superseded_by(*newer) : std::string();
}

}  // namespace pipeline::cli
