// A run's state: a fold over its events. Pure values; `apply` is the only writer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"

namespace pipeline::run {

struct JobState {
  JobStatus status = JobStatus::waiting;
  std::string reason;  // a sentence for every state but running and succeeded: "waiting for unit"
  std::uint32_t attempt = 1;  // the current one, or the one that a waiting job will get
  std::uint32_t retries = 0;  // further attempts by the stage's policy, since a person asked
  std::uint32_t unstarted_attempts = 0;       // and because its worker died before they began
  std::optional<base::TimePoint> not_before;  // of a waiting job: its further attempt
  bool held_up = false;                       // by what JobWaiting named
  std::optional<JobStatus> stopping;          // asked to stop as cancelled or timed_out …
  std::string stop_reason;                    // … because of this
  std::optional<base::TimePoint> queued_at, leased_at, started_at, stop_requested_at, finished_at;
  std::optional<std::uint32_t> command;  // index of the running command, or of the one that failed
  std::optional<int> exit_code;          // of the command that ended the job
  std::optional<base::Digest> outputs;
  std::vector<ProducedArtifact> artifacts;
  Usage usage;
  std::vector<std::string> warnings;  // that its end brought
  std::optional<RunId> child;         // the run that a job of kind `pipeline` began
  std::optional<report::TestSummary> tests;
  bool unstarted = false;  // as JobFinished has it
  bool operator==(const JobState&) const = default;
};

struct RunState {
  RunStatus status = RunStatus::created;
  std::string reason;
  bool cancelling = false;
  bool detached = false;   // its jobs go on when what drives it dies
  std::string retried_by;  // who opened it again last; empty: nobody, or it is not known
  std::uint64_t last_sequence = 0;
  std::optional<base::TimePoint> created_at, finished_at;
  std::vector<JobState> jobs;  // parallel to Plan::jobs
  bool operator==(const RunState&) const = default;
};

RunState initial_state(const plan::Plan& plan);

// Fails with ErrorKind::corrupt when the transition table (transition.h) forbids the event in this
// state, when it names no such job or not the job's current attempt, or when its sequence number is
// not the next one; the state is then unchanged.
base::Result<> apply(RunState& state, const plan::Plan& plan, const Event& event);

// The fold over a whole history, as the store gives it back.
base::Result<RunState> replay(const plan::Plan& plan, const std::vector<Event>& events);

// Whether a job that ended like this lets those that need it go on: a success, or any other end but
// cancelled and skipped under `allow_failure`.
bool satisfies_need(const plan::Plan& plan, std::size_t job, JobStatus status);

}  // namespace pipeline::run
