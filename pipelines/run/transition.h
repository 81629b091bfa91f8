// The transition table of a run, as data: what may happen to a job, and to a run, in which state.
// apply() (state.h) follows it, the README prints it, the tests walk every pair.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipelines/run/event.h"

namespace pipeline::run {

// One for each alternative of EventBody, in its order.
enum class EventKind : std::uint8_t {
  run_created,
  job_queued,
  job_leased,
  job_waiting,
  job_started,
  command_started,
  command_finished,
  deployment_advanced,
  job_finishing,
  job_finished,
  job_cached,
  job_skipped,
  job_stop_requested,
  job_retried,
  run_cancel_requested,
  run_retried,
  run_finished,
  run_waiting,
  child_run_started,
};
inline constexpr std::size_t kEventKinds = std::variant_size_v<EventBody>;

EventKind kind_of(const EventBody& body);
std::string_view to_string(EventKind kind);  // "job-finished", also the name in JSON
// The job that the event speaks of and its attempt; none for events of the run. JobCached and
// JobSkipped speak of the current attempt and carry none.
struct JobRef {
  std::string_view job;
  std::optional<std::uint32_t> attempt;
};
std::optional<JobRef> job_of(const EventBody& body);

struct JobTransition {
  JobStatus from;
  EventKind event;
  std::optional<JobStatus> to;  // none: the status that the event carries
};
struct RunTransition {
  RunStatus from;
  EventKind event;
  std::optional<RunStatus> to;
};

std::span<const JobTransition> job_transitions();
std::span<const RunTransition> run_transitions();

// The row for a pair, or none: the event is refused.
const JobTransition* find_transition(JobStatus from, EventKind event);
const RunTransition* find_transition(RunStatus from, EventKind event);

// Both tables as Markdown, one line a state.
std::string transitions_as_markdown();

}  // namespace pipeline::run
