// How far a server has come with its schedules: of each the newest firing that was dealt with. A
// port; tests/contract/runner/store is its contract.
//
// A call is one transaction; what it changed survives a power cut once it has returned. Threads: an
// object belongs to one thread.
#pragma once

#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct ScheduleKey {
  std::string repository;     // its name on the server
  std::string pipeline_file;  // path in the repository
  std::string schedule;       // its name in the pipeline
  // NOLINTNEXTLINE(modernize-use-nullptr): the zero that a rewritten comparison is made with.
  auto operator<=>(const ScheduleKey&) const = default;
};

class FiringStore {
 public:
  virtual ~FiringStore() = default;
  // None for a schedule that was never noted.
  virtual base::Result<std::optional<base::TimePoint>> last(const ScheduleKey& key) = 0;
  virtual base::Result<> note(const ScheduleKey& key, base::TimePoint last) = 0;
  // All of a repository's are forgotten: one of the same name that comes later is another one.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
