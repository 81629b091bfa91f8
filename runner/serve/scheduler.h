// Runs that schedules start, of every pipeline at the head of a repository's default branch.
//
// A firing is noted once its run has begun, so that one that came while the server died is begun by
// the next one; what begins a run finds the one that has begun already. A schedule that is seen for
// the first time fires from then on.
//
// Threads: look(), upcoming() and troubles() from any; advance() from one.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/model/triggers.h"
#include "pipelines/run/event.h"
#include "pipelines/schedule/due.h"
#include "runner/store/firing_store.h"

namespace pipeline::serve {

// A schedule as a pipeline has it.
struct FoundSchedule {
  store::ScheduleKey key;
  model::Schedule schedule;
};

struct FoundSchedules {
  std::vector<FoundSchedule> schedules;
  std::vector<std::string> troubles;  // why there may be some that are not here; sentences
};

struct Upcoming {
  store::ScheduleKey key;
  std::string cron;
  std::string timezone;
  base::TimePoint at;
};

// What the scheduler works on; called by advance() alone.
struct SchedulerPorts {
  // Every schedule of a repository. ErrorKind::not_found: it is known no more.
  std::function<base::Result<FoundSchedules>(const std::string& repository)> read;
  // The run of a firing, which may have begun already; 0: the pipeline does not want one.
  std::function<base::Result<run::RunId>(const store::ScheduleKey& key, base::TimePoint at)> begin;
  // What an operator should know.
  std::function<void(const std::string& line)> tell;
};

class Scheduler {
 public:
  // All outlive it.
  Scheduler(store::FiringStore& firings, const base::Clock& clock, SchedulerPorts ports)
      : firings_(firings), clock_(clock), ports_(std::move(ports)) {}

  // Its schedules may have changed, or it may be new.
  void look(const std::string& repository);
  // When each fires next, the next one first.
  std::vector<Upcoming> upcoming() const { return upcoming_after(clock_.now()); }

  // What keeps schedules from firing, a sentence each; empty: nothing does.
  std::vector<std::string> troubles() const;

  // Starts what is due and returns when to call again, at the latest.
  base::TimePoint advance();

 private:
  struct Entry {
    model::Schedule schedule;
    schedule::Cron cron;
    schedule::TimeZone zone;
    base::TimePoint last;  // dealt with
  };
  using Entries = std::map<store::ScheduleKey, Entry>;

  std::vector<Upcoming> upcoming_after(base::TimePoint now) const;
  std::set<std::string> to_read(base::TimePoint watched_since, base::TimePoint now);
  void read(const std::string& repository, base::TimePoint now);
  Entries entries_of(const FoundSchedules& found, base::TimePoint now);
  void forget(const std::string& repository);
  base::Result<Entry> entry_of(const FoundSchedule& found, base::TimePoint now);
  bool is_due(const Entry& entry, base::TimePoint watched_since, base::TimePoint now) const;
  void fire(const store::ScheduleKey& key, base::TimePoint watched_since, base::TimePoint now);
  base::Result<> begin(const store::ScheduleKey& key, base::TimePoint at);
  // What was said of it last is not said again; empty: it is well.
  void tell_once(const std::string& about, const std::string& trouble);

  store::FiringStore& firings_;
  const base::Clock& clock_;
  const SchedulerPorts ports_;
  schedule::Watch watch_;
  mutable std::mutex mutex_;                 // guards what follows
  std::map<std::string, std::string> told_;  // by what it is about
  std::set<std::string> looked_;
  std::map<std::string, base::TimePoint> read_at_;
  Entries entries_;
};

}  // namespace pipeline::serve
