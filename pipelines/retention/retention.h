// Which runs are kept, and which go. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"

namespace pipeline::retention {

struct Policy {
  std::size_t keep_runs = 200;  // the newest of each pipeline; at least 1
  base::Duration keep_for = std::chrono::hours(24 * 30);
  // Of each pipeline, of what its newest runs hold: older ones go even if the other two would keep
  // them. None: however much it is.
  std::optional<std::uint64_t> keep_bytes{};

  bool operator==(const Policy&) const = default;
};

struct KnownRun {
  run::RunId id = 0;
  std::string repository;
  std::string pipeline;  // pipelines of several repositories may have one name
  // None: it is under way, or was left and may go on.
  std::optional<base::TimePoint> finished_at;
  std::uint64_t bytes = 0;  // that it holds; looked at only where the policy has keep_bytes
};

// Nothing younger is taken away, whatever it is: somebody may be about to name it.
inline constexpr base::Duration kGrace = std::chrono::hours(1);

// Those that go, oldest first: finished longer ago than kGrace, not `named` by anything that is
// kept, and either more than the policy's bytes with what is newer of their pipeline, or neither
// among its newest nor as young as the policy says. So more runs, a later `now` or a smaller policy
// only make more of them go, and the newest run of a pipeline never does.
std::vector<run::RunId> what_goes(const std::vector<KnownRun>& runs,
                                  const std::set<run::RunId>& named, const Policy& policy,
                                  base::TimePoint now);

}  // namespace pipeline::retention
