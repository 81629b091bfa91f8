#include "runner/serve/scheduler.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::serve {

namespace {

using base::ErrorKind;
using base::Result;
using base::TimePoint;
using store::ScheduleKey;

// Of a policy that makes up for everything: a year of nights.
constexpr std::size_t kMostMadeUpFor = 366;
// A repository that is elsewhere changes without a word.
constexpr std::chrono::hours kReadAgain{1};
// schedule::Watch takes a longer pause for a break.
constexpr std::chrono::minutes kLookAgain{1};

std::string name_of(const ScheduleKey& key) {
  return base::join({"schedule ", key.schedule, " of ", key.pipeline_file, " of ", key.repository},
                    "");
}

// Then the firing is tried again at the next look. What is wrong with a pipeline stays wrong.
bool may_go_away(const base::Error& error) {
  const ErrorKind kind = error.kind();
  return kind != ErrorKind::invalid && kind != ErrorKind::not_found && kind != ErrorKind::internal;
}

std::string trouble_in(const Result<FoundSchedules>& found) {
  return found ? base::join(found->troubles, "; ") : found.error().to_string();
}

}  // namespace

void Scheduler::look(const std::string& repository) {
  const std::scoped_lock guard(mutex_);
  looked_.insert(repository);
}

std::vector<Upcoming> Scheduler::upcoming_after(TimePoint now) const {
  std::vector<Upcoming> all;
  const std::scoped_lock guard(mutex_);
  for (const auto& [key, entry] : entries_)
    if (const auto at = schedule::next_firing(entry.cron, entry.zone, now))
      all.push_back({key, entry.schedule.cron, entry.schedule.timezone, *at});
  std::ranges::stable_sort(all, {}, &Upcoming::at);
  return all;
}

TimePoint Scheduler::advance() {
  const TimePoint now = clock_.now();
  const TimePoint watched_since = watch_.look(now);
  // Those with something due too: it is the pipeline as it stands now that says so.
  for (const std::string& repository : to_read(watched_since, now)) read(repository, now);
  std::vector<ScheduleKey> keys;
  {
    const std::scoped_lock guard(mutex_);
    for (const auto& [key, entry] : entries_)
      if (is_due(entry, watched_since, now)) keys.push_back(key);
  }
  for (const ScheduleKey& key : keys) fire(key, watched_since, now);
  const TimePoint at_the_latest = now + kLookAgain;
  const auto next = upcoming_after(now);
  return next.empty() ? at_the_latest : std::min(next.front().at, at_the_latest);
}

std::set<std::string> Scheduler::to_read(TimePoint watched_since, TimePoint now) {
  const std::scoped_lock guard(mutex_);
  std::set<std::string> repositories = std::exchange(looked_, {});
  for (const auto& [repository, at] : read_at_)
    if (now - at >= kReadAgain) repositories.insert(repository);
  for (const auto& [key, entry] : entries_)
    if (is_due(entry, watched_since, now)) repositories.insert(key.repository);
  return repositories;
}

bool Scheduler::is_due(const Entry& entry, TimePoint watched_since, TimePoint now) const {
  return !schedule::due({entry.cron, entry.zone, entry.schedule.missed, entry.last}, watched_since,
                        now, 1)
              .empty();
}

void Scheduler::read(const std::string& repository, TimePoint now) {
  const auto found = ports_.read(repository);
  if (!found && found.error().kind() == ErrorKind::not_found) return forget(repository);
  tell_once("schedules of " + repository, trouble_in(found));
  Entries fresh;
  if (found) fresh = entries_of(*found, now);
  const std::scoped_lock guard(mutex_);
  read_at_[repository] = now;
  // What could not be read is taken to be as it was.
  if (!found) return;
  std::erase_if(entries_, [&](const auto& one) { return one.first.repository == repository; });
  entries_.merge(fresh);
}

Scheduler::Entries Scheduler::entries_of(const FoundSchedules& found, TimePoint now) {
  Entries entries;
  for (const FoundSchedule& one : found.schedules) {
    auto entry = entry_of(one, now);
    tell_once("definition of " + name_of(one.key), entry ? "" : entry.error().to_string());
    if (entry) entries.emplace(one.key, *std::move(entry));
  }
  return entries;
}

void Scheduler::forget(const std::string& repository) {
  if (const auto forgotten = firings_.forget(repository); !forgotten)
    tell_once("schedules of " + repository, forgotten.error().to_string());
  const std::scoped_lock guard(mutex_);
  read_at_.erase(repository);
  std::erase_if(entries_, [&](const auto& one) { return one.first.repository == repository; });
}

Result<Scheduler::Entry> Scheduler::entry_of(const FoundSchedule& found, TimePoint now) {
  auto cron = schedule::Cron::parse(found.schedule.cron);
  if (!cron) return base::fail(ErrorKind::invalid, cron.error().what);
  PIPELINE_ASSIGN(auto zone, schedule::TimeZone::load(found.schedule.timezone));
  PIPELINE_ASSIGN(auto last, firings_.last(found.key));
  if (!last) {
    PIPELINE_TRY(firings_.note(found.key, now));
    last = now;
  }
  return Entry{found.schedule, *std::move(cron), std::move(zone), *last};
}

void Scheduler::fire(const ScheduleKey& key, TimePoint watched_since, TimePoint now) {
  std::vector<TimePoint> firings;
  {
    const std::scoped_lock guard(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) return;
    const auto& [schedule, cron, zone, last] = entry->second;
    firings =
        schedule::due({cron, zone, schedule.missed, last}, watched_since, now, kMostMadeUpFor);
  }
  for (const TimePoint at : firings) {
    const auto begun = begin(key, at);
    tell_once(name_of(key), begun ? "" : begun.error().to_string());
    if (!begun) return;  // the next ones wait for it
    const std::scoped_lock guard(mutex_);
    if (const auto entry = entries_.find(key); entry != entries_.end()) entry->second.last = at;
  }
}

Result<> Scheduler::begin(const ScheduleKey& key, TimePoint at) {
  const auto run = ports_.begin(key, at);
  if (!run && may_go_away(run.error())) return base::fail(run.error());
  PIPELINE_TRY(firings_.note(key, at));
  if (!run)
    ports_.tell(name_of(key) + " starts nothing: " + run.error().to_string());
  else if (*run != 0)
    ports_.tell(name_of(key) + ": run " + std::to_string(*run));
  return {};
}

void Scheduler::tell_once(const std::string& about, const std::string& trouble) {
  {
    const std::scoped_lock guard(mutex_);
    std::string& told = told_[about];
    if (std::exchange(told, trouble) == trouble || trouble.empty()) return;
  }
  ports_.tell(about + ": " + trouble);
}

std::vector<std::string> Scheduler::troubles() const {
  const std::scoped_lock guard(mutex_);
  std::vector<std::string> troubles;
  for (const auto& [about, trouble] : told_)
    if (!trouble.empty()) troubles.emplace_back(about).append(": ").append(trouble);
  return troubles;
}

}  // namespace pipeline::serve
