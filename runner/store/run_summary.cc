#include "runner/store/run_summary.h"

#include <algorithm>

namespace pipeline::store {

using base::ErrorKind;

bool ends_wait(const run::Event& event) {
  return std::holds_alternative<run::JobQueued>(event.body) ||
         std::holds_alternative<run::JobSkipped>(event.body);
}

void update_summary(RunSummary& summary, const run::Event& event) {
  if (const auto* created = std::get_if<run::RunCreated>(&event.body)) {
    summary.pipeline = created->spec.pipeline;
    summary.repository = created->spec.repository;
    summary.branch = created->spec.facts.branch;
    summary.commit = created->spec.facts.commit;
    summary.status = run::RunStatus::running;
    summary.created_at = event.at;
    summary.detached = created->spec.detached;
  } else if (const auto* retried = std::get_if<run::RunRetried>(&event.body)) {
    summary.detached = summary.detached || retried->detached;
    summary.status = run::RunStatus::running;
    summary.reason.clear();
    summary.finished_at.reset();
  } else if (const auto* waiting = std::get_if<run::RunWaiting>(&event.body)) {
    summary.reason = waiting->reason;
  } else if (ends_wait(event)) {
    summary.reason.clear();
  } else if (const auto* finished = std::get_if<run::RunFinished>(&event.body)) {
    summary.status = finished->status;
    summary.reason = finished->reason;
    summary.finished_at = event.at;
  }
}

void mark_interrupted(RunSummary& summary) {
  summary.status = run::RunStatus::interrupted;
  summary.reason = "the process that drove the run died, or could not save how it ended";
}

bool fits(const RunSummary& summary, const RunQuery& query) {
  const auto is_wanted = [](const auto& wanted, const auto& is) {
    return !wanted || *wanted == is;
  };
  const bool is_among =
      !query.repositories ||
      std::ranges::find(*query.repositories, summary.repository) != query.repositories->end();
  return is_among && (!query.before || summary.id < *query.before) &&
         is_wanted(query.pipeline, summary.pipeline) &&
         is_wanted(query.repository, summary.repository) &&
         is_wanted(query.branch, summary.branch) && is_wanted(query.status, summary.status);
}

base::Result<> check_sequence(run::RunId id, std::uint64_t last,
                              std::span<const run::Event> events) {
  for (const run::Event& event : events) {
    const bool creates = std::holds_alternative<run::RunCreated>(event.body);
    if (event.sequence != last + 1 || creates != (last == 0)) {
      return base::fail(ErrorKind::conflict, "event " + std::to_string(event.sequence) +
                                                 " does not follow event " + std::to_string(last) +
                                                 " of run " + std::to_string(id));
    }
    ++last;
  }
  return {};
}

base::Error not_driven_here(run::RunId id) {
  return {ErrorKind::conflict, "run " + std::to_string(id) + " is not driven from here"};
}

base::Error unknown_run(run::RunId id) {
  return base::Error(ErrorKind::not_found, "there is no run " + std::to_string(id))
      .hint("pipeline runs lists them");
}

}  // namespace pipeline::store
