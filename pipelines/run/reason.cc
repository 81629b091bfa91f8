#include "pipelines/run/reason.h"

namespace pipeline::run {

namespace {

constexpr std::size_t kNamed = 3;

std::string_view ended_how(JobStatus status) {
  switch (status) {
    case JobStatus::timed_out:
      return "timed out";
    case JobStatus::skipped:
      return "was skipped";
    case JobStatus::cancelled:
      return "was cancelled";
    case JobStatus::cached:
      return "succeeded earlier";
    case JobStatus::waiting:
    case JobStatus::queued:
    case JobStatus::leased:
    case JobStatus::running:
    case JobStatus::finishing:
    case JobStatus::succeeded:
    case JobStatus::failed:
    case JobStatus::errored:
      break;
  }
  return to_string(status);
}

}  // namespace

std::string describe_end(std::string_view job, JobStatus status) {
  return std::string(job) + " " + std::string(ended_how(status));
}

std::string waiting_reason(const RunState& state, const plan::Plan& plan, std::size_t job) {
  std::vector<std::string_view> named;
  std::size_t open = 0;
  for (const plan::JobNeed& need : plan.jobs[job].needs) {
    if (is_terminal(state.jobs[need.job].status)) continue;
    if (++open <= kNamed) named.push_back(plan.jobs[need.job].name);
  }
  if (open == 0) return "waiting to be queued";
  std::string text = "waiting for ";
  for (std::size_t i = 0; i < named.size(); ++i) {
    const bool last = i + 1 == open;
    if (i > 0) text += last ? " and " : ", ";
    text += named[i];
  }
  if (open > kNamed) text += " and " + std::to_string(open - kNamed) + " more";
  return text;
}

}  // namespace pipeline::run
