#include "runner/serve/waiting_pushes.h"

#include <algorithm>
#include <set>

#include "pipelines/plan/trigger.h"
#include "runner/engine/stored_plan.h"
#include "runner/serve/hosted.h"
#include "runner/serve/repository_key.h"
#include "stages/source/branch_move.h"
#include "stages/source/refs.h"

namespace pipeline::serve {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using run::RunStatus;
using store::WaitingPush;

// Runs that began since it was pushed.
constexpr std::size_t kMostSince = 10'000;

std::string ref_of(const WaitingPush& push) {
  return "refs/pipeline/waiting/" + std::to_string(push.number);
}

std::string described(const WaitingPush& push) {
  return push.commit.substr(0, 8) + ", pushed to " + push.branch + " of " + push.repository +
         " by " + push.who;
}

Error nothing_decides(const WaitingPush& push) {
  return Error(ErrorKind::invalid,
               "no pipeline of this commit runs when it is pushed there, so nothing could decide")
      .hint("[triggers] of a pipeline says it: push = [\"" + push.branch + "\"]");
}

// As it is kept: the same commit may wait already, since earlier.
Result<WaitingPush> wait_for(store::ProtectionStore& store, const WaitingPush& push) {
  PIPELINE_ASSIGN(const std::uint64_t number, store.wait(push));
  PIPELINE_ASSIGN(const auto all, store.waiting());
  const auto kept = std::ranges::find(all, number, &WaitingPush::number);
  if (kept != all.end()) return *kept;
  return base::fail(ErrorKind::unavailable, "it was decided on at this moment");
}

bool is_worth_another_look(const Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out ||
         error.kind() == ErrorKind::exhausted || error.kind() == ErrorKind::io;
}

}  // namespace

Result<std::vector<run::RunId>> WaitingPushes::keep(WaitingPush push) {
  const std::scoped_lock guard(mutex_);
  PIPELINE_ASSIGN(const auto store, parts_.open());
  push.at = parts_.clock.now();
  PIPELINE_ASSIGN(push, wait_for(*store, push));
  const auto services = parts_.make_services();
  const auto kept =
      source::keep_commit(parts_.paths.repository(push.repository), ref_of(push), push.commit);
  const auto deciders = kept ? begin(*services, push) : base::fail(std::as_const(kept).error());
  if (deciders && !deciders->empty()) {
    std::vector<run::RunId> ids;
    for (const Decider& one : *deciders) ids.push_back(one.id);
    return ids;
  }
  PIPELINE_TRY(decided(*store, push));
  return base::fail(deciders ? nothing_decides(push) : deciders.error());
}

void WaitingPushes::look() {
  const std::scoped_lock guard(mutex_);
  const auto store = parts_.open();
  const auto waiting = store ? (*store)->waiting() : base::fail(std::as_const(store).error());
  if (!waiting) return parts_.tell("waiting pushes: " + waiting.error().to_string());
  if (waiting->empty()) return;
  const auto services = parts_.make_services();
  for (const WaitingPush& push : *waiting) {
    const auto looked = look_at(**store, *services, push);
    if (looked) continue;
    parts_.tell(described(push) + ": " + looked.error().to_string());
    // Anything else would be so again, and nobody would hear of it.
    if (!is_worth_another_look(looked.error())) (void)decided(**store, push);
  }
}

Result<> WaitingPushes::look_at(store::ProtectionStore& store, cli::Services& services,
                                const WaitingPush& push) {
  // What the last server had moved when it died, or somebody else since.
  PIPELINE_ASSIGN(const auto refs,
                  source::refs_at(parts_.paths.repository(push.repository).string()));
  const auto at = refs.find(std::string(kBranches) + push.branch);
  if (at != refs.end() && at->second == push.commit) return settle(store, push);
  PIPELINE_ASSIGN(const auto deciders, begin(services, push));
  if (deciders.empty()) return base::fail(nothing_decides(push));
  const auto ended_badly = [](const Decider& one) {
    return run::is_terminal(one.status) && one.status != RunStatus::succeeded;
  };
  const auto bad = std::ranges::find_if(deciders, ended_badly);
  if (bad != deciders.end()) {
    parts_.tell(described(push) + ", is not taken: run " + std::to_string(bad->id) + " " +
                std::string(run::to_string(bad->status)));
    return decided(store, push);
  }
  const auto succeeded = [](const Decider& one) { return one.status == RunStatus::succeeded; };
  return std::ranges::all_of(deciders, succeeded) ? settle(store, push) : Result<>();
}

Result<> WaitingPushes::settle(store::ProtectionStore& store, const WaitingPush& push) {
  const std::string ref = std::string(kBranches) + push.branch;
  PIPELINE_ASSIGN(const bool has_moved,
                  parts_.refs.fast_forward(push.repository, ref, push.commit));
  parts_.tell(described(push) + (has_moved ? ", is taken"
                                           : ", is not taken: the branch has moved, and this is no "
                                             "fast-forward of it any more"));
  PIPELINE_TRY(decided(store, push));
  parts_.on_move(push.repository);
  return {};
}

Result<> WaitingPushes::decided(store::ProtectionStore& store, const WaitingPush& push) const {
  // The other way round its ref would be left for good.
  PIPELINE_TRY(source::remove_ref(parts_.paths.repository(push.repository), ref_of(push)));
  return store.decided(push.number);
}

Result<std::vector<WaitingPushes::Decider>> WaitingPushes::deciders_of(
    cli::Services& services, const WaitingPush& push) const {
  PIPELINE_ASSIGN(store::RunStore* const runs, services.runs());
  PIPELINE_ASSIGN(const auto newest,
                  runs->list({.repository = repository_key(
                                  {.name = push.repository, .added_at = {}}, parts_.paths),
                              .branch = push.branch,
                              .limit = kMostSince}));
  std::vector<Decider> deciders;
  for (const store::RunSummary& summary : newest) {
    if (summary.created_at < push.at) break;
    if (summary.commit != push.commit) continue;
    PIPELINE_ASSIGN(const run::RunSpec spec, engine::load_spec(*runs, summary.id));
    if (spec.facts.event == plan::event_of(plan::Push{}) && !spec.parent)
      deciders.push_back({summary.id, spec.pipeline_file, summary.status});
  }
  std::ranges::reverse(deciders);
  return deciders;
}

Result<std::vector<WaitingPushes::Decider>> WaitingPushes::begin(cli::Services& services,
                                                                 const WaitingPush& push) {
  PIPELINE_ASSIGN(auto deciders, deciders_of(services, push));
  if (begun_.contains(push.number)) return deciders;
  const std::string location = parts_.paths.repository(push.repository).string();
  PIPELINE_ASSIGN(
      RepositoryEvent event,
      pushed(services, location, {std::string(kBranches) + push.branch, push.commit, push.before}));
  event.repository = push.repository;
  event.cause = "push by " + push.who;
  for (const Decider& one : deciders) event.not_these.insert(one.pipeline_file);
  PIPELINE_ASSIGN(const auto started, starter_.start_all(services, event));
  for (const auto& [file, id] : started) deciders.push_back({id, file, RunStatus::running});
  begun_.insert(push.number);
  return deciders;
}

}  // namespace pipeline::serve
