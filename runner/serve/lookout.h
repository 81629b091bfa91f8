// Watches repositories that are elsewhere: looks at one when somebody tells of it, when its time
// has come, and again after a look that failed. Each is looked at by one thread at a time; one that
// takes long holds up no other. A failure is told of once, not each time.
//
// Order of calls:  (watch | forget | look_soon)* around start(), which is called once.
// Threads: safe from any.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class Lookout {
 public:
  // Called on threads of its own, and may block.
  using Look = std::function<base::Result<>(const store::RepositoryEntry& repository)>;

  // `clock` outlives it.
  Lookout(Look look, const base::Clock& clock, std::function<void(const std::string& line)> tell)
      : look_(std::move(look)), clock_(clock), tell_(std::move(tell)) {}
  // Begins no further look, and waits for those that are under way.
  ~Lookout();
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  // No look begins before. Its threads are made here and later: whoever catches signals does so
  // before.
  void start();

  // From now on, beginning with a look at once. What was watched by that name is forgotten. One
  // that nobody tells of, and that is not to be looked at, is passed over.
  void watch(const store::RepositoryEntry& repository);
  void forget(const std::string& repository);
  // Somebody tells of it: a look that begins after this call follows. Nothing when it is not
  // watched.
  void look_soon(const std::string& repository);
  // Those that could not be looked at the last time and why, a sentence each.
  std::vector<std::string> troubles() const;

 private:
  struct Watched {
    store::RepositoryEntry entry;
    std::optional<base::TimePoint> due;
    std::uint32_t failures = 0;  // in a row
    std::string trouble{};       // of the last of them
    bool is_looked_at = false;
    bool again = false;  // somebody told of it meanwhile
  };

  void run(const std::stop_token& stop);
  // The first that is due later; begins what is due now.
  std::optional<base::TimePoint> begin_what_is_due();
  void look_at(const store::RepositoryEntry& entry);
  void note_end(Watched& watched, const base::Result<>& looked);

  const Look look_;
  const base::Clock& clock_;
  const std::function<void(const std::string&)> tell_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Watched> watched_;
  bool has_news_ = false;
  bool is_stopping_ = false;
  std::minstd_rand random_{std::random_device()()};
  std::condition_variable_any changed_;
  worker::ThreadPool pool_;  // used by the thread alone
  std::jthread thread_;      // last: it uses the others
};

}  // namespace pipeline::serve
