// What became of runs and jobs since the server started, counted by how they ended.
//
// Threads: safe from any.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "pipelines/run/event.h"

namespace pipeline::serve {

class RunCounters {
 public:
  using ByStatus = std::map<std::string, std::uint64_t>;
  struct Snapshot {
    std::uint64_t runs_begun = 0;
    ByStatus runs_finished;
    ByStatus jobs_finished;
  };

  void on_event(const run::Event& event);
  Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  Snapshot counted_;
};

}  // namespace pipeline::serve
