#include "tests/simulation/machine.h"

#include <algorithm>
#include <fstream>

#include "agents/link/ending.h"
#include "agents/link/report_file.h"
#include "stages/log/format.h"

namespace pipeline::simulation {

namespace fs = std::filesystem;
using run::JobStatus;

void Machine::report(const fs::path& directory, const run::EventBody& body) const {
  auto writer = link::ReportWriter::open(directory);
  require(writer && writer->append(body, clock_.now() + faults_.skew),
          "the machine cannot write a report");
}

void Machine::start(const fs::path& directory, const protocol::AttemptWord& word) {
  on_start_(word);
  Job& job = jobs_[directory];
  job.word = word;
  job.steps = 1 + random_.below(6);
  job.next_at = clock_.now() + a_moment();
  job.is_deaf = random_.percent(faults_.deaf);
  if (random_.percent(faults_.failing)) job.end = JobStatus::failed;
  report(directory, run::JobStarted{word.attempt.job, word.attempt.attempt});
}

Machine::Fate Machine::fate_of(const fs::path& directory) const {
  const auto job = jobs_.find(directory);
  return job == jobs_.end() ? Fate::never_began : job->second.fate;
}

void Machine::say(const fs::path& directory, Job& job) {
  std::string line = job.word.attempt.job + "." + std::to_string(job.word.attempt.attempt) + " " +
                     std::to_string(job.said.size()) + "\n";
  std::ofstream log(directory / log::kLogName, std::ios::app | std::ios::binary);
  log << line << std::flush;
  require(log.good(), "the machine cannot write a log");
  job.said += line;
}

void Machine::step(const fs::path& directory, Job& job) {
  if (--job.steps > 0) {
    say(directory, job);
    job.next_at += a_moment();
    return;
  }
  write_end(directory, job, job.end, job.end == JobStatus::succeeded ? "" : "exit code 1");
  on_end_(job.word, job.said);
}

void Machine::write_end(const fs::path& directory, Job& job, JobStatus as, std::string reason) {
  const auto& [run, name, attempt] = job.word.attempt;
  report(directory, run::JobFinishing{name, attempt});
  report(directory, link::ending(name, attempt, as, std::move(reason)));
  job.fate = Fate::ended;
}

void Machine::stop(const fs::path& directory, JobStatus as, const std::string& reason) {
  const auto job = jobs_.find(directory);
  if (job == jobs_.end() || job->second.fate != Fate::runs || job->second.is_deaf) return;
  write_end(directory, job->second, as, reason);
}

void Machine::kill(const fs::path& directory, const std::string& reason) {
  const auto job = jobs_.find(directory);
  if (job == jobs_.end() || job->second.fate != Fate::runs) return;
  write_end(directory, job->second, JobStatus::cancelled, reason);
}

void Machine::reboot() {
  for (auto& [directory, job] : jobs_)
    if (job.fate == Fate::runs) job.fate = Fate::died;
}

std::optional<base::TimePoint> Machine::next() const {
  std::optional<base::TimePoint> first;
  for (const auto& [directory, job] : jobs_)
    if (job.fate == Fate::runs && (!first || job.next_at < *first)) first = job.next_at;
  return first;
}

void Machine::advance() {
  for (auto& [directory, job] : jobs_)
    while (job.fate == Fate::runs && job.next_at <= clock_.now()) step(directory, job);
}

std::size_t Machine::running() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      jobs_, [](const auto& entry) { return entry.second.fate == Fate::runs; }));
}

}  // namespace pipeline::simulation
