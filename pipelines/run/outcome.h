// How a job or a run ended, and why, in the words every display uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipeline::run {

enum class JobStatus {
  waiting,    // for what it needs
  queued,     // may start, no slot yet
  leased,     // given to a worker
  running,    // its first command was started
  finishing,  // commands are over; outputs are being collected
  succeeded,  // terminal from here on
  failed,     // the user's command said no
  errored,    // we could not do our part
  timed_out,
  cancelled,
  skipped,
  cached,  // an earlier success is used again
};

bool is_terminal(JobStatus status);
// Succeeded or cached: what needs it may go on.
bool is_success(JobStatus status);

// Given to a worker and not over: leased, running or finishing.
bool is_active(JobStatus status);

enum class RunStatus { created, running, succeeded, failed, errored, cancelled, interrupted };
// `interrupted`: its coordinator died; a retry goes on with it.

bool is_terminal(RunStatus status);

std::string_view to_string(JobStatus status);  // "timed-out" for timed_out
std::string_view to_string(RunStatus status);
// What to_string gave; none for any other word.
std::optional<JobStatus> job_status_from(std::string_view word);
std::optional<RunStatus> run_status_from(std::string_view word);

inline constexpr std::size_t kJobStatuses = 12;
inline constexpr std::size_t kRunStatuses = 7;

}  // namespace pipeline::run
