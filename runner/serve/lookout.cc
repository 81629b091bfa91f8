#include "runner/serve/lookout.h"

#include <algorithm>

#include "pipelines/schedule/polling.h"

namespace pipeline::serve {

void Lookout::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Lookout::~Lookout() {
  const std::scoped_lock guard(mutex_);
  is_stopping_ = true;
}

void Lookout::watch(const store::RepositoryEntry& repository) {
  if (!repository.forge && !repository.poll) return forget(repository.name);
  const std::scoped_lock guard(mutex_);
  Watched& watched = watched_[repository.name];
  // A look at what had that name before ends by itself; this one's follows.
  const bool is_looked_at = watched.is_looked_at;
  watched = {.entry = repository,
             .due = clock_.now(),
             .is_looked_at = is_looked_at,
             .again = is_looked_at};
  has_news_ = true;
  changed_.notify_all();
}

void Lookout::forget(const std::string& repository) {
  const std::scoped_lock guard(mutex_);
  watched_.erase(repository);
}

void Lookout::look_soon(const std::string& repository) {
  const std::scoped_lock guard(mutex_);
  const auto found = watched_.find(repository);
  if (found == watched_.end()) return;
  found->second.again = found->second.is_looked_at;
  found->second.due = clock_.now();
  has_news_ = true;
  changed_.notify_all();
}

void Lookout::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto has_news = [this] { return has_news_; };
  while (!stop.stop_requested()) {
    has_news_ = false;
    const auto next = begin_what_is_due();
    if (next)
      changed_.wait_for(lock, stop, *next - clock_.now(), has_news);
    else
      changed_.wait(lock, stop, has_news);
  }
}

std::optional<base::TimePoint> Lookout::begin_what_is_due() {
  const base::TimePoint now = clock_.now();
  std::optional<base::TimePoint> next;
  for (auto& [name, watched] : watched_) {
    if (watched.is_looked_at || !watched.due) continue;
    if (*watched.due > now) {
      next = std::min(next.value_or(*watched.due), *watched.due);
      continue;
    }
    watched.due.reset();
    watched.is_looked_at = true;
    pool_.run([this, entry = watched.entry] { look_at(entry); });
  }
  return next;
}

void Lookout::look_at(const store::RepositoryEntry& entry) {
  const auto looked = look_(entry);
  const std::scoped_lock guard(mutex_);
  const auto found = watched_.find(entry.name);
  // One that stops has no further look, and its failures are its own doing.
  if (is_stopping_ || found == watched_.end()) return;
  note_end(found->second, looked);
  has_news_ = true;
  changed_.notify_all();
}

std::vector<std::string> Lookout::troubles() const {
  const std::scoped_lock guard(mutex_);
  std::vector<std::string> troubles;
  for (const auto& [name, watched] : watched_)
    if (watched.failures > 0) troubles.push_back(name + ": " + watched.trouble);
  return troubles;
}

void Lookout::note_end(Watched& watched, const base::Result<>& looked) {
  const base::TimePoint now = clock_.now();
  const std::string& name = watched.entry.name;
  if (!looked && watched.failures == 0) {
    tell_(name + " cannot be looked at, and is tried again: " + looked.error().to_string());
  } else if (looked && watched.failures > 0) {
    tell_(name + " can be looked at again");
  }
  watched.failures = looked ? 0 : watched.failures + 1;
  watched.trouble = looked ? "" : looked.error().to_string();
  watched.is_looked_at = false;
  std::uniform_real_distribution<double> chance(0, 1);
  watched.due =
      std::exchange(watched.again, false)
          ? now
          : schedule::next_look(now, watched.entry.poll, watched.failures, chance(random_));
}

}  // namespace pipeline::serve
