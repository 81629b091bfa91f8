#include "runner/serve/run_counters.h"

namespace pipeline::serve {

void RunCounters::on_event(const run::Event& event) {
  const std::scoped_lock guard(mutex_);
  if (std::holds_alternative<run::RunCreated>(event.body)) {
    ++counted_.runs_begun;
  } else if (const auto* run = std::get_if<run::RunFinished>(&event.body)) {
    ++counted_.runs_finished[std::string(run::to_string(run->status))];
  } else if (const auto* job = std::get_if<run::JobFinished>(&event.body)) {
    ++counted_.jobs_finished[std::string(run::to_string(job->status))];
  } else if (std::holds_alternative<run::JobCached>(event.body)) {
    ++counted_.jobs_finished[std::string(run::to_string(run::JobStatus::cached))];
  } else if (std::holds_alternative<run::JobSkipped>(event.body)) {
    ++counted_.jobs_finished[std::string(run::to_string(run::JobStatus::skipped))];
  }
}

RunCounters::Snapshot RunCounters::snapshot() const {
  const std::scoped_lock guard(mutex_);
  return counted_;
}

}  // namespace pipeline::serve
