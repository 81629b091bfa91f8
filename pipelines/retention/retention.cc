#include "pipelines/retention/retention.h"

#include <algorithm>
#include <map>
#include <utility>

namespace pipeline::retention {

namespace {

// Of one pipeline, newest first: numbers are given in the order of time.
using RunsOfOne = std::vector<const KnownRun*>;

std::vector<RunsOfOne> by_pipeline(const std::vector<KnownRun>& runs) {
  std::map<std::pair<std::string, std::string>, RunsOfOne> pipelines;
  for (const KnownRun& run : runs) pipelines[{run.repository, run.pipeline}].push_back(&run);
  std::vector<RunsOfOne> all;
  for (auto& [pipeline, ones] : pipelines) {
    std::ranges::sort(ones, std::ranges::greater(), &KnownRun::id);
    all.push_back(std::move(ones));
  }
  return all;
}

// Ended before that; what goes on did not.
bool ended_before(const KnownRun& run, base::TimePoint at) {
  return run.finished_at && *run.finished_at < at;
}

// Of one pipeline, those that the policy alone would let go.
std::vector<const KnownRun*> unwanted(const RunsOfOne& newest_first, const Policy& policy,
                                      base::TimePoint now) {
  const std::size_t kept = std::max<std::size_t>(policy.keep_runs, 1);
  std::vector<const KnownRun*> found;
  std::uint64_t bytes = 0;
  for (std::size_t place = 0; place < newest_first.size(); ++place) {
    const KnownRun& run = *newest_first[place];
    bytes += run.bytes;
    const bool is_too_much = policy.keep_bytes && place > 0 && bytes > *policy.keep_bytes;
    const bool is_old = place >= kept && ended_before(run, now - std::max(policy.keep_for, kGrace));
    if (is_too_much || is_old) found.push_back(&run);
  }
  return found;
}

}  // namespace

std::vector<run::RunId> what_goes(const std::vector<KnownRun>& runs,
                                  const std::set<run::RunId>& named, const Policy& policy,
                                  base::TimePoint now) {
  std::vector<run::RunId> gone;
  for (const RunsOfOne& ones : by_pipeline(runs))
    for (const KnownRun* const run : unwanted(ones, policy, now))
      if (ended_before(*run, now - kGrace) && !named.contains(run->id)) gone.push_back(run->id);
  std::ranges::sort(gone);
  return gone;
}

}  // namespace pipeline::retention
