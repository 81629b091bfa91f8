#include "pipelines/rollout/record.h"

#include <algorithm>

namespace pipeline::rollout {

const Release* EnvironmentRecord::find(std::uint64_t number) const {
  const auto found = std::ranges::find(releases, number, &Release::number);
  return found == releases.end() ? nullptr : &*found;
}

Fleet EnvironmentRecord::fleet_of(std::uint64_t number) const {
  const Release* release = find(number);
  return release == nullptr ? Fleet{} : release->fleet;
}

bool is_unfinished(const EnvironmentRecord& record) {
  return record.deployment && !is_settled(record.deployment->state);
}

const Release* release_there(const EnvironmentRecord& record) {
  const Release* there = is_unfinished(record) ? record.find(record.deployment->release) : nullptr;
  return there != nullptr ? there : record.find(record.current);
}

std::optional<std::string> machine_of(const EnvironmentRecord& record) {
  const Release* there = release_there(record);
  if (there == nullptr) return std::nullopt;
  return there->machine;
}

std::optional<base::TimePoint> cleaning_due(const EnvironmentRecord& record) {
  if (!record.deployment || record.deployment->state != State::retaining) return std::nullopt;
  const Release* current = record.find(record.current);
  // What was begun is finished: half of a warm fleet is of no use.
  const bool begun = record.deployment->direction == Direction::cleaning;
  if (begun || !record.previous_is_warm || current == nullptr) return record.deployment->since;
  return record.deployment->since + current->environment.retain.warm;
}

}  // namespace pipeline::rollout
