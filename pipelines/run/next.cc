#include "pipelines/run/next.h"

#include <algorithm>
#include <string>

#include "pipelines/base/duration.h"
#include "pipelines/run/reason.h"
#include "pipelines/run/retry.h"

namespace pipeline::run {

namespace {

using base::Duration;
using base::TimePoint;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The worker enforces the stage's timeout itself and knows best what it was doing; the engine's own
// is the second line, for a worker that does not.
constexpr Duration kTimeoutMargin = seconds(5);
// From being given to a worker to the first command: checkout, layers, artifacts.
constexpr Duration kSetupAllowance = minutes(10);
// From being asked to stop to being declared over without the worker's word: the grace between TERM
// and KILL and then some. A deployment drains and rolls back first.
constexpr Duration kStopPatience = minutes(1);
constexpr Duration kDeploymentStopPatience = hours(1);

struct View {
  const RunState& state;
  const plan::Plan& plan;
  const Limits& limits;

  const model::Stage& stage(std::size_t job) const { return plan.stage_of(plan.jobs[job]); }
  const Offer* offer(std::size_t job) const {
    const auto found = std::ranges::find(limits.offers, job, &Offer::job);
    return found == limits.offers.end() ? nullptr : &*found;
  }
  // A person's work takes no slot.
  bool takes_a_slot(std::size_t job) const { return stage(job).kind != model::StageKind::approval; }
  // Its end stands: no further attempt follows by itself.
  bool is_over(std::size_t job) const {
    return is_terminal(state.jobs[job].status) && !automatic_retry(state, plan, job);
  }
  // A worker has it, or is about to.
  bool is_with_worker(std::size_t job) const {
    const JobStatus status = state.jobs[job].status;
    return is_active(status) || (status == JobStatus::queued && offer(job) != nullptr);
  }
};

std::optional<TimePoint> timeout_at(const View& view, std::size_t job) {
  const JobState& state = view.state.jobs[job];
  const Duration timeout = view.stage(job).timeout + kTimeoutMargin;
  if (state.started_at) return *state.started_at + timeout;
  // It waits for its turn, as long as it takes: whoever is before it has a timeout.
  if (view.stage(job).kind == model::StageKind::deploy) return std::nullopt;
  const Offer* offer = view.offer(job);
  const TimePoint given =
      state.leased_at ? *state.leased_at : (offer != nullptr ? offer->at : *state.queued_at);
  return given + timeout + kSetupAllowance;
}

TimePoint patience_ends_at(const View& view, std::size_t job) {
  // A child run may deploy.
  const model::StageKind kind = view.stage(job).kind;
  const bool deploys = kind == model::StageKind::deploy || kind == model::StageKind::pipeline;
  return *view.state.jobs[job].stop_requested_at +
         (deploys ? kDeploymentStopPatience : kStopPatience);
}

// ---- waiting jobs: queue or skip -------------------------------------------------------------

struct NeedsView {
  bool all_over = true;
  std::string failed;   // description of the first need that failed
  std::string skipped;  // of the first need that was skipped without a failure behind it
};

// Whether a failure lies behind each job: its own, or that of what it needed when it was skipped.
// Follows needs, which point backwards, so one pass in order is enough.
std::vector<bool> failures_behind(const View& view) {
  std::vector<bool> behind(view.plan.jobs.size(), false);
  for (std::size_t job = 0; job < behind.size(); ++job) {
    const JobStatus status = view.state.jobs[job].status;
    if (status == JobStatus::skipped) {
      const auto& needs = view.plan.jobs[job].needs;
      behind[job] = !view.plan.jobs[job].skip_reason &&
                    std::ranges::any_of(needs, [&](const auto& need) { return behind[need.job]; });
    } else {
      behind[job] = view.is_over(job) && !satisfies_need(view.plan, job, status);
    }
  }
  return behind;
}

NeedsView look_at_needs(const View& view, std::size_t job, const std::vector<bool>& behind) {
  NeedsView seen;
  for (const plan::JobNeed& need : view.plan.jobs[job].needs) {
    const JobStatus status = view.state.jobs[need.job].status;
    if (!view.is_over(need.job)) {
      seen.all_over = false;
    } else if (behind[need.job] && !(need.optional && status == JobStatus::skipped)) {
      if (seen.failed.empty()) seen.failed = describe_end(view.plan.jobs[need.job].name, status);
    } else if (status == JobStatus::skipped && !need.optional) {
      if (seen.skipped.empty()) seen.skipped = describe_end(view.plan.jobs[need.job].name, status);
    }
  }
  return seen;
}

std::optional<EventBody> decide_waiting(const View& view, std::size_t job,
                                        const std::vector<bool>& behind, TimePoint now) {
  const plan::Job& planned = view.plan.jobs[job];
  const std::uint32_t attempt = view.state.jobs[job].attempt;
  if (view.state.cancelling) {
    return JobFinished{.job = planned.name,
                       .attempt = attempt,
                       .status = JobStatus::cancelled,
                       .reason = "the run was cancelled before it started"};
  }
  const auto skip = [&](std::string reason) {
    return JobSkipped{.job = planned.name, .reason = std::move(reason)};
  };
  if (planned.skip_reason) return skip(*planned.skip_reason);
  const auto& not_before = view.state.jobs[job].not_before;
  if (not_before && now < *not_before) return std::nullopt;
  const NeedsView needs = look_at_needs(view, job, behind);
  const JobQueued queue{.job = planned.name, .attempt = attempt};
  switch (planned.needs_status) {
    case model::NeedsStatus::success:
      if (!needs.failed.empty()) return skip(needs.failed);
      if (!needs.skipped.empty()) return skip(needs.skipped);
      break;
    case model::NeedsStatus::failure:
      if (!needs.all_over) return std::nullopt;
      if (!needs.skipped.empty()) return skip(needs.skipped);
      if (needs.failed.empty()) return skip("nothing that it needs failed");
      break;
    case model::NeedsStatus::always:
      break;
  }
  if (!needs.all_over) return std::nullopt;
  return queue;
}

// ---- jobs with a worker: stop in two phases --------------------------------------------------

std::optional<EventBody> decide_with_worker(const View& view, std::size_t job, TimePoint now) {
  const JobState& state = view.state.jobs[job];
  const std::string& name = view.plan.jobs[job].name;
  const auto stop = [&](JobStatus as, std::string reason) {
    return JobStopRequested{
        .job = name, .attempt = state.attempt, .as = as, .reason = std::move(reason)};
  };
  if (!state.stopping) {
    if (view.state.cancelling) return stop(JobStatus::cancelled, "the run was cancelled");
    const auto timeout = timeout_at(view, job);
    if (!timeout || now < *timeout) return std::nullopt;
    return stop(JobStatus::timed_out,
                "timed out after " + base::format_duration(view.stage(job).timeout));
  }
  if (now < patience_ends_at(view, job)) return std::nullopt;
  return JobFinished{.job = name,
                     .attempt = state.attempt,
                     .status = *state.stopping,
                     .reason = state.stop_reason + "; its worker did not confirm that it stopped"};
}

// ---- the run ---------------------------------------------------------------------------------

std::string describe_ends(const View& view, JobStatus status) {
  std::string text;
  std::size_t more = 0;
  for (std::size_t job = 0; job < view.plan.jobs.size(); ++job) {
    if (view.state.jobs[job].status != status || satisfies_need(view.plan, job, status)) continue;
    if (text.empty()) {
      text = describe_end(view.plan.jobs[job].name, status);
    } else {
      ++more;
    }
  }
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

// The user's verdict on the change comes first: a run with a failed and an errored job is failed,
// because a retry of what errored could not make it pass. A cancelled one is cancelled whatever
// else happened, because it says nothing about the change.
RunFinished end_of_run(const View& view) {
  const auto counts = [&](JobStatus status) { return !describe_ends(view, status).empty(); };
  if (counts(JobStatus::cancelled)) {
    const std::string& why = view.state.reason;  // of one that is being cancelled
    return {RunStatus::cancelled, view.state.cancelling && !why.empty() ? why : "cancelled"};
  }
  if (counts(JobStatus::failed)) return {RunStatus::failed, describe_ends(view, JobStatus::failed)};
  if (counts(JobStatus::timed_out)) {
    return {RunStatus::failed, describe_ends(view, JobStatus::timed_out)};
  }
  if (counts(JobStatus::errored)) {
    return {RunStatus::errored, describe_ends(view, JobStatus::errored)};
  }
  return {RunStatus::succeeded, ""};
}

// The length of the longest chain of dependents: what ends latest starts first.
std::vector<std::size_t> chain_lengths(const plan::Plan& plan) {
  std::vector<std::size_t> length(plan.jobs.size(), 0);
  for (std::size_t job = plan.jobs.size(); job-- > 0;) {
    for (const plan::JobNeed& need : plan.jobs[job].needs) {
      length[need.job] = std::max(length[need.job], length[job] + 1);
    }
  }
  return length;
}

void start_queued(const View& view, std::vector<Action>& actions) {
  std::size_t busy = 0;
  std::vector<std::size_t> queued;
  for (std::size_t job = 0; job < view.plan.jobs.size(); ++job) {
    const bool waits = view.state.jobs[job].status == JobStatus::queued;
    if (view.is_with_worker(job)) {
      if (view.takes_a_slot(job)) ++busy;
    } else if (waits && !view.takes_a_slot(job)) {
      actions.emplace_back(Start{job});
    } else if (waits) {
      queued.push_back(job);
    }
  }
  if (busy >= view.limits.jobs || queued.empty()) return;
  const std::size_t count = std::min<std::size_t>(view.limits.jobs - busy, queued.size());
  const std::vector<std::size_t> chain = chain_lengths(view.plan);
  std::ranges::partial_sort(queued, queued.begin() + static_cast<std::ptrdiff_t>(count),
                            [&](std::size_t a, std::size_t b) {
                              return chain[a] != chain[b] ? chain[a] > chain[b] : a < b;
                            });
  for (std::size_t i = 0; i < count; ++i) actions.emplace_back(Start{queued[i]});
}

}  // namespace

std::vector<Action> next(const RunState& state, const plan::Plan& plan, const Limits& limits,
                         TimePoint now) {
  std::vector<Action> actions;
  if (state.status != RunStatus::running) return actions;
  const View view{state, plan, limits};
  const std::vector<bool> behind = failures_behind(view);
  bool all_over = true;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const JobStatus status = state.jobs[job].status;
    if (is_terminal(status)) {
      if (auto again = automatic_retry(state, plan, job)) {
        all_over = false;
        actions.emplace_back(Record{*std::move(again)});
      }
      continue;
    }
    all_over = false;
    const bool with_worker = view.is_with_worker(job);
    std::optional<EventBody> event;
    if (with_worker) {
      event = decide_with_worker(view, job, now);
      if (!event && state.jobs[job].stopping) actions.emplace_back(Stop{job});
    } else if (status == JobStatus::waiting || state.cancelling) {
      event = decide_waiting(view, job, behind, now);
    }
    if (event) actions.emplace_back(Record{std::move(*event)});
  }
  if (all_over) actions.emplace_back(Record{end_of_run(view)});
  if (!state.cancelling) start_queued(view, actions);
  return actions;
}

bool waits_for_people(const RunState& state, const plan::Plan& plan) {
  bool any = false;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const JobState& one = state.jobs[job];
    const bool is_approval = plan.stage_of(plan.jobs[job]).kind == model::StageKind::approval;
    if (is_approval && is_active(one.status) && one.held_up) {
      any = true;
    } else if (!is_terminal(one.status) && (one.status != JobStatus::waiting || one.not_before)) {
      return false;
    }
  }
  return any;
}

namespace {

std::optional<TimePoint> due_at(const View& view, std::size_t job) {
  const JobState& state = view.state.jobs[job];
  if (state.status == JobStatus::waiting) return state.not_before;
  if (!view.is_with_worker(job)) return std::nullopt;
  return state.stopping ? patience_ends_at(view, job) : timeout_at(view, job);
}

}  // namespace

std::optional<TimePoint> next_deadline(const RunState& state, const plan::Plan& plan,
                                       const Limits& limits) {
  std::optional<TimePoint> earliest;
  if (state.status != RunStatus::running) return earliest;
  const View view{state, plan, limits};
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const std::optional<TimePoint> at = due_at(view, job);
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

}  // namespace pipeline::run
