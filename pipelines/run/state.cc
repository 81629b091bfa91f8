#include "pipelines/run/state.h"

#include <algorithm>

#include "pipelines/run/reason.h"
#include "pipelines/run/transition.h"

namespace pipeline::run {

namespace {

using base::ErrorKind;
using base::Result;

Result<> refuse(const EventBody& body, const std::string& why) {
  return base::fail(ErrorKind::corrupt, std::string(to_string(kind_of(body))) + ": " + why);
}

// Why the event is refused though the table has a row for it; empty: it is not.
struct JobGuard {
  const JobState& job;
  JobStatus to;  // by the table's row; the event's own where the row leaves it open

  std::string operator()(const CommandStarted& event) const {
    return job.command && event.index <= *job.command ? "a later command was started already" : "";
  }
  std::string operator()(const CommandFinished& event) const {
    if (!job.command || event.index > *job.command) return "";  // its start was lost
    if (event.index < *job.command) return "a later command was started already";
    return job.exit_code ? "the command is over already" : "";
  }
  std::string operator()(const JobFinished& event) const {
    const bool is_end = is_terminal(event.status) && event.status != JobStatus::skipped &&
                        event.status != JobStatus::cached;
    return is_end && event.status == to ? "" : "no job ends like this here";
  }
  std::string operator()(const JobStopRequested& event) const {
    if (event.as != JobStatus::cancelled && event.as != JobStatus::timed_out) {
      return "a job is stopped as cancelled or timed-out";
    }
    return job.stopping ? "the job was asked to stop already" : "";
  }
  template <class Other>
  std::string operator()(const Other& /*event*/) const {
    return "";
  }
};

// What a deployment says of itself as long as it is not its turn; nothing was begun.
constexpr std::string_view kInQueue = "queued";

// What an allowed event changes of its job beside the status.
struct JobUpdate {
  JobState& job;
  base::TimePoint at;

  void operator()(const JobQueued& /*event*/) {
    job.queued_at = at;
    job.reason = "waiting for a free slot";
  }
  void operator()(const JobLeased& event) {
    job.leased_at = at;
    if (!job.stopping) job.reason = "being prepared by " + event.worker;
  }
  void operator()(const JobWaiting& event) {
    if (!job.leased_at) job.leased_at = at;
    job.held_up = true;
    if (!job.stopping) job.reason = event.reason;
  }
  void operator()(const JobStarted& /*event*/) { begin(); }
  void operator()(const CommandStarted& event) {
    begin();
    job.command = event.index;
    job.exit_code.reset();
  }
  void operator()(const CommandFinished& event) {
    begin();
    job.command = event.index;
    job.exit_code = event.exit_code;
  }
  void operator()(const DeploymentAdvanced& event) {
    if (event.state != kInQueue) {
      begin();
    } else if (!job.stopping) {
      job.reason = event.detail;
    }
  }
  void operator()(const ChildRunStarted& event) {
    begin();
    job.child = event.run;
  }
  void operator()(const JobFinishing& /*event*/) {
    if (!job.stopping) job.reason = "collecting outputs";
  }
  void operator()(const JobFinished& event) {
    job.finished_at = at;
    job.reason = event.reason;
    job.outputs = event.outputs;
    job.artifacts = event.artifacts;
    job.usage = event.usage;
    job.warnings = event.warnings;
    job.tests = event.tests;
    job.unstarted = event.unstarted;
  }
  void operator()(const JobCached& event) {
    job.finished_at = at;
    job.reason = "same inputs as in run " + std::to_string(event.from_run);
    job.outputs = event.outputs;
    job.artifacts = event.artifacts;
    job.tests = event.tests;
  }
  void operator()(const JobSkipped& event) {
    job.finished_at = at;
    job.reason = event.reason;
  }
  void operator()(const JobStopRequested& event) {
    job.stopping = event.as;
    job.stop_reason = event.reason;
    job.stop_requested_at = at;
    job.reason = "stopping: " + event.reason;
  }
  void operator()(const JobRetried& event) {
    JobState fresh;
    fresh.attempt = job.attempt + 1;
    fresh.retries = job.retries + (job.unstarted ? 0U : 1U);
    fresh.unstarted_attempts = job.unstarted_attempts + (job.unstarted ? 1U : 0U);
    fresh.not_before = event.not_before;
    fresh.reason = event.reason;
    job = std::move(fresh);
  }
  template <class RunEvent>
  void operator()(const RunEvent& /*event*/) {}

 private:
  void begin() {
    if (!job.started_at) job.started_at = at;
    job.held_up = false;
    if (!job.stopping) job.reason.clear();
  }
};

// The jobs that needed `job` may wait for fewer now.
void refresh_reasons_after(RunState& state, const plan::Plan& plan, std::size_t job) {
  for (std::size_t other = job + 1; other < plan.jobs.size(); ++other) {
    if (state.jobs[other].status != JobStatus::waiting) continue;
    const auto& needs = plan.jobs[other].needs;
    if (std::ranges::any_of(needs, [&](const auto& need) { return need.job == job; })) {
      state.jobs[other].reason = waiting_reason(state, plan, other);
    }
  }
}

JobStatus status_after(const JobTransition& row, const EventBody& body) {
  if (row.to) return *row.to;
  return std::get<JobFinished>(body).status;  // the only event that leaves it open
}

Result<> apply_to_job(RunState& state, const plan::Plan& plan, const Event& event,
                      const JobRef& ref) {
  const std::optional<std::size_t> index = plan.find(ref.job);
  if (!index) return refuse(event.body, "no job " + std::string(ref.job));
  JobState& job = state.jobs[*index];
  if (ref.attempt.value_or(job.attempt) != job.attempt) {
    return refuse(event.body, std::string(ref.job) + " is at attempt " +
                                  std::to_string(job.attempt) + ", not " +
                                  std::to_string(*ref.attempt));
  }
  const JobTransition* row = find_transition(job.status, kind_of(event.body));
  if (row == nullptr) {
    return refuse(event.body, std::string(ref.job) + " is " + std::string(to_string(job.status)));
  }
  const JobStatus to = status_after(*row, event.body);
  if (const std::string why = std::visit(JobGuard{job, to}, event.body); !why.empty()) {
    return refuse(event.body, std::string(ref.job) + ": " + why);
  }
  job.status = to;
  // It waits for its group no longer.
  if (!is_terminal(state.status) && !state.cancelling) state.reason.clear();
  std::visit(JobUpdate{job, event.at}, event.body);
  if (is_terminal(to) || is_terminal(row->from)) refresh_reasons_after(state, plan, *index);
  return {};
}

// A further attempt for the named jobs; those downstream wait again unless they succeeded on what
// still stands.
std::vector<bool> jobs_to_reset(const RunState& state, const plan::Plan& plan,
                                const std::vector<std::size_t>& named) {
  std::vector<bool> reset(plan.jobs.size(), false);
  for (const std::size_t job : named) reset[job] = true;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    for (const plan::JobNeed& need : plan.jobs[job].needs) {
      if (!reset[need.job]) continue;
      const bool stands =
          is_success(state.jobs[job].status) && !is_success(state.jobs[need.job].status);
      reset[job] = reset[job] || !stands;
    }
  }
  return reset;
}

Result<> apply_retry(RunState& state, const plan::Plan& plan, const EventBody& body) {
  const auto& retried = std::get<RunRetried>(body);
  std::vector<std::size_t> named;
  for (const std::string& name : retried.jobs) {
    const std::optional<std::size_t> job = plan.find(name);
    if (!job) return refuse(body, "no job " + name);
    named.push_back(*job);
  }
  const auto active = [](const JobState& job) { return is_active(job.status); };
  if (std::ranges::any_of(state.jobs, active)) return refuse(body, "a job is still running");
  const std::vector<bool> reset = jobs_to_reset(state, plan, named);
  for (std::size_t job = 0; job < reset.size(); ++job) {
    if (!reset[job]) continue;
    JobState fresh;
    // An attempt that no worker can have heard of is not used up.
    fresh.attempt = state.jobs[job].attempt + (state.jobs[job].queued_at ? 1U : 0U);
    state.jobs[job] = std::move(fresh);
  }
  for (std::size_t job = 0; job < reset.size(); ++job) {
    if (reset[job]) state.jobs[job].reason = waiting_reason(state, plan, job);
  }
  state.status = RunStatus::running;
  state.reason.clear();
  state.cancelling = false;
  state.detached = state.detached || retried.detached;
  if (!retried.by.empty()) state.retried_by = retried.by;
  state.finished_at.reset();
  return {};
}

Result<> apply_end(RunState& state, const Event& event) {
  const auto& finished = std::get<RunFinished>(event.body);
  if (!is_terminal(finished.status)) return refuse(event.body, "no run ends like this");
  const auto open = [](const JobState& job) { return !is_terminal(job.status); };
  if (std::ranges::any_of(state.jobs, open)) return refuse(event.body, "a job is not over");
  state.status = finished.status;
  state.reason = finished.reason;
  state.finished_at = event.at;
  return {};
}

Result<> apply_to_run(RunState& state, const plan::Plan& plan, const Event& event) {
  switch (kind_of(event.body)) {
    case EventKind::run_created:
      state.status = RunStatus::running;
      state.created_at = event.at;
      state.detached = std::get<RunCreated>(event.body).spec.detached;
      return {};
    case EventKind::run_cancel_requested:
      if (state.cancelling) return refuse(event.body, "it was requested already");
      state.cancelling = true;
      state.reason = std::get<RunCancelRequested>(event.body).reason;
      return {};
    case EventKind::run_waiting:
      state.reason = std::get<RunWaiting>(event.body).reason;
      return {};
    case EventKind::run_retried:
      return apply_retry(state, plan, event.body);
    case EventKind::run_finished:
      return apply_end(state, event);
    case EventKind::job_queued:
    case EventKind::job_leased:
    case EventKind::job_waiting:
    case EventKind::job_started:
    case EventKind::command_started:
    case EventKind::command_finished:
    case EventKind::deployment_advanced:
    case EventKind::child_run_started:
    case EventKind::job_finishing:
    case EventKind::job_finished:
    case EventKind::job_cached:
    case EventKind::job_skipped:
    case EventKind::job_stop_requested:
    case EventKind::job_retried:
      break;
  }
  return refuse(event.body, "not an event of the run");
}

}  // namespace

RunState initial_state(const plan::Plan& plan) {
  RunState state;
  state.jobs.resize(plan.jobs.size());
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    state.jobs[job].reason = waiting_reason(state, plan, job);
  }
  return state;
}

Result<> apply(RunState& state, const plan::Plan& plan, const Event& event) {
  if (event.sequence != state.last_sequence + 1) {
    return refuse(event.body, "number " + std::to_string(event.sequence) + " follows " +
                                  std::to_string(state.last_sequence));
  }
  if (find_transition(state.status, kind_of(event.body)) == nullptr) {
    return refuse(event.body, "the run is " + std::string(to_string(state.status)));
  }
  const std::optional<JobRef> ref = job_of(event.body);
  PIPELINE_TRY(ref ? apply_to_job(state, plan, event, *ref) : apply_to_run(state, plan, event));
  state.last_sequence = event.sequence;
  return {};
}

Result<RunState> replay(const plan::Plan& plan, const std::vector<Event>& events) {
  RunState state = initial_state(plan);
  for (const Event& event : events) {
    if (auto applied = apply(state, plan, event); !applied) {
      return base::during(std::move(applied), "replay event " + std::to_string(event.sequence));
    }
  }
  return state;
}

bool satisfies_need(const plan::Plan& plan, std::size_t job, JobStatus status) {
  if (is_success(status)) return true;
  if (!is_terminal(status) || status == JobStatus::skipped || status == JobStatus::cancelled) {
    return false;
  }
  return plan.stage_of(plan.jobs[job]).allow_failure;
}

}  // namespace pipeline::run
