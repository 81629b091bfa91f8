#include "tests/simulation/scripted_workers.h"

#include <algorithm>

#include "pipelines/run/transition.h"

namespace pipeline::simulation {

using run::EventBody;
using run::JobStatus;

base::Duration ScriptedWorkers::up_to(std::int64_t milliseconds) {
  return base::Duration(random_.below(static_cast<std::uint64_t>(milliseconds) + 1));
}

bool ScriptedWorkers::is_busy(const std::string& job) const {
  return std::ranges::any_of(busy_, [&](const Attempt& attempt) { return attempt.first == job; });
}

void ScriptedWorkers::start(protocol::JobOrder order, link::EventSink& /*sink*/) {
  on_start_(order);
  const Attempt attempt{order.job, order.attempt};
  busy_.insert(attempt);
  if (random_.percent(faults_.deaf)) deaf_.insert(attempt);
  plan_work(attempt, order.timeout);
}

void ScriptedWorkers::plan_work(const Attempt& attempt, base::Duration timeout) {
  const auto& [job, number] = attempt;
  std::vector<EventBody> reports = {run::JobLeased{job, number, "scripted"},
                                    run::JobStarted{job, number}};
  const auto commands = static_cast<std::uint32_t>(random_.below(3));
  for (std::uint32_t command = 0; command < commands; ++command) {
    reports.emplace_back(run::CommandStarted{job, number, command, "true"});
    reports.emplace_back(run::CommandFinished{job, number, command, 0});
  }
  reports.emplace_back(run::JobFinishing{job, number});
  reports.emplace_back(random_end(attempt));
  const bool silent = random_.percent(faults_.silent);
  // The first word of one that keeps its reports is kept before anything is done.
  const std::size_t least = outliving_ ? 1 : 0;
  const std::size_t said = silent ? std::max(least, random_.below(reports.size())) : reports.size();
  base::TimePoint at = clock_.now();
  for (std::size_t i = 0; i < said; ++i) {
    at += up_to(random_.percent(5) ? 2 * timeout.count() : 2000);
    steps_.emplace(at, Step{attempt, reports[i], i + 1 == reports.size()});
  }
  if (silent) steps_.emplace(at, Step{attempt, std::nullopt, true});
}

run::JobFinished ScriptedWorkers::random_end(const Attempt& attempt) {
  run::JobFinished end{attempt.first, attempt.second, JobStatus::succeeded, ""};
  const std::uint64_t dice = random_.below(100);
  if (dice < 12) {
    end.status = JobStatus::failed;
    end.reason = "its command exited with 1";
  } else if (dice < 18) {
    end.status = JobStatus::errored;
    end.reason = "its sandbox could not be made";
  } else if (dice < 22) {
    end.status = JobStatus::timed_out;
    end.reason = "timed out";
  } else if (random_.percent(50)) {
    base::Digest::Bytes bytes{};
    bytes.fill(static_cast<std::uint8_t>(random_.below(256)));
    end.outputs = base::Digest(bytes);
  }
  return end;
}

void ScriptedWorkers::forget_steps(const Attempt& attempt) {
  std::erase_if(steps_, [&](const auto& step) { return step.second.attempt == attempt; });
}

void ScriptedWorkers::stop(const std::string& job, std::uint32_t number, JobStatus as,
                           const std::string& reason) {
  const Attempt attempt{job, number};
  if (!busy_.contains(attempt) || deaf_.contains(attempt)) return;
  forget_steps(attempt);
  steps_.emplace(clock_.now() + up_to(12'000),
                 Step{attempt, run::JobFinished{job, number, as, reason}, true});
}

void ScriptedWorkers::stop_now(const std::string& job, std::uint32_t number) {
  const Attempt attempt{job, number};
  if (busy_.erase(attempt) == 0) return;
  forget_steps(attempt);
  send(run::JobFinished{job, number, JobStatus::cancelled, "killed"});
}

base::Result<std::optional<std::vector<run::Event>>> ScriptedWorkers::resume(
    const link::EarlierAttempt& earlier, link::EventSink& /*sink*/) {
  const Attempt attempt{earlier.job, earlier.attempt};
  const auto kept = kept_.find(attempt);
  const bool lives = busy_.contains(attempt);
  if (!outliving_ || (!lives && kept == kept_.end())) return std::nullopt;
  auto reports = kept == kept_.end() ? std::vector<run::Event>() : kept->second;
  const bool ended =
      !reports.empty() && std::holds_alternative<run::JobFinished>(reports.back().body);
  if (!lives && !ended) {
    reports.push_back(
        {reports.size() + 1, clock_.now(),
         run::JobFinished{earlier.job, earlier.attempt, JobStatus::errored, "its worker died"}});
  }
  return reports;
}

void ScriptedWorkers::send(const EventBody& report) {
  if (outliving_) {
    const auto ref = run::job_of(report);
    auto& kept = kept_[{std::string(ref->job), *ref->attempt}];
    kept.push_back({kept.size() + 1, clock_.now(), report});
  }
  if (random_.percent(faults_.lost)) return;
  const int copies = random_.percent(faults_.doubled) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    line_.emplace(clock_.now() + (random_.percent(faults_.late) ? up_to(120'000) : up_to(3)),
                  report);
  }
}

std::optional<base::TimePoint> ScriptedWorkers::next() const {
  std::optional<base::TimePoint> at;
  if (!steps_.empty()) at = steps_.begin()->first;
  if (!line_.empty() && (!at || line_.begin()->first < *at)) at = line_.begin()->first;
  return at;
}

std::vector<EventBody> ScriptedWorkers::take_reports() {
  while (!steps_.empty() && steps_.begin()->first <= clock_.now()) {
    const Step step = steps_.extract(steps_.begin()).mapped();
    if (step.report) send(*step.report);
    if (step.ends) busy_.erase(step.attempt);
  }
  std::vector<EventBody> arrived;
  while (!line_.empty() && line_.begin()->first <= clock_.now()) {
    arrived.push_back(line_.extract(line_.begin()).mapped());
  }
  return arrived;
}

void ScriptedWorkers::die() {
  if (outliving_) {
    line_.clear();
    return;
  }
  steps_.clear();
  busy_.clear();
  deaf_.clear();
}

void ScriptedWorkers::hang_up() {
  outliving_ = false;
  kept_.clear();
  die();
  line_.clear();
}

}  // namespace pipeline::simulation
