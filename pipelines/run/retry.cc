#include "pipelines/run/retry.h"

#include <algorithm>

#include "pipelines/base/duration.h"
#include "pipelines/run/reason.h"

namespace pipeline::run {

namespace {

using base::Duration;

constexpr Duration kLongestWait = std::chrono::hours(1);
// A machine that dies of every job that it is given shall not be given one for ever.
constexpr std::uint32_t kMostUnstarted = 5;

bool covers(const model::RetrySpec& retry, JobStatus status) {
  switch (status) {
    case JobStatus::failed:
      return retry.on_failed;
    case JobStatus::errored:
      return retry.on_errored;
    case JobStatus::timed_out:
      return retry.on_timeout;
    case JobStatus::waiting:
    case JobStatus::queued:
    case JobStatus::leased:
    case JobStatus::running:
    case JobStatus::finishing:
    case JobStatus::succeeded:
    case JobStatus::cancelled:
    case JobStatus::skipped:
    case JobStatus::cached:
      break;
  }
  return false;
}

Duration wait_before(const model::RetrySpec& retry, std::uint32_t retries) {
  Duration wait = std::min(retry.backoff, kLongestWait);
  for (std::uint32_t i = 0; i < retries && wait < kLongestWait; ++i) wait *= 2;
  return std::min(wait, kLongestWait);
}

// Its worker died before it began: that is nobody's failure, and needs no policy.
std::optional<JobRetried> begun_anew(const JobState& ended, const std::string& job) {
  if (ended.status != JobStatus::errored || !ended.unstarted ||
      ended.unstarted_attempts >= kMostUnstarted)
    return std::nullopt;
  return JobRetried{.job = job,
                    .attempt = ended.attempt,
                    .not_before = *ended.finished_at,
                    .reason = "attempt " + std::to_string(ended.attempt) + " never began"};
}

std::optional<JobRetried> by_policy(const JobState& ended, const std::string& job,
                                    const model::RetrySpec& retry) {
  if (ended.retries >= retry.max || !covers(retry, ended.status)) return std::nullopt;
  const Duration wait = wait_before(retry, ended.retries);
  JobRetried again{
      .job = job, .attempt = ended.attempt, .not_before = *ended.finished_at + wait, .reason = {}};
  again.reason = describe_end("attempt " + std::to_string(ended.attempt), ended.status) +
                 "; retry " + std::to_string(ended.retries + 1) + " of " +
                 std::to_string(retry.max);
  if (wait > Duration{0}) again.reason += " after " + base::format_duration(wait);
  return again;
}

}  // namespace

std::optional<JobRetried> automatic_retry(const RunState& state, const plan::Plan& plan,
                                          std::size_t job) {
  const JobState& ended = state.jobs[job];
  if (state.cancelling || !ended.finished_at) return std::nullopt;
  const std::string& name = plan.jobs[job].name;
  if (auto again = begun_anew(ended, name)) return again;
  const auto& retry = plan.stage_of(plan.jobs[job]).retry;
  return retry ? by_policy(ended, name, *retry) : std::nullopt;
}

}  // namespace pipeline::run
