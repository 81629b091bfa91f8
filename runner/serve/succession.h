// Pipelines that start because others have succeeded: the thread that looks, and what it works
// with (followers.h).
//
// Order of calls: start() → stop(). Threads: note() and waits_for() from any.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "runner/serve/event_starter.h"
#include "runner/serve/followers.h"
#include "runner/serve/ticker.h"

namespace pipeline::serve {

class Succession {
 public:
  // Of the thread, which they outlive.
  struct Parts {
    ServedRuns& runs;
    cli::Services& services;
    store::RunStore& stored_runs;
    store::SuccessStore& successes;
    store::RepositoryStore& repositories;
    const store::Paths& paths;
    const base::Clock& clock;
    std::function<void(const std::string& line)> tell;
  };
  explicit Succession(const Parts& parts);
  Succession(const Succession&) = delete;
  Succession& operator=(const Succession&) = delete;
  ~Succession() { stop(); }

  void start() { ticker_.start(); }
  // Waits for a look that is under way.
  void stop() { ticker_.stop(); }
  // A run has that event, durably.
  void note(const run::Event& event);
  // As Followers has it.
  void waits_for(const std::string& repository, std::set<std::string> others);

 private:
  base::Result<> begin(const Follow& follow);
  // None: it has no commit yet.
  base::Result<std::optional<source::Revision>> revision_of(const Follow& follow,
                                                            const std::string& location);

  const Parts parts_;
  EventStarter starter_;
  Followers followers_;
  Ticker ticker_;
};

}  // namespace pipeline::serve
