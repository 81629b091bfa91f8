// The vocabulary of the deployment journal. An environment is its entries: EnvironmentRecord is a
// fold over them. Every external effect appears twice, as Intent before and Outcome after; every
// step is absolute, so one whose outcome is missing may be carried out again.
//
// Stability: entries are stored. A field or entry is never renamed or reused; a new field is
// optional.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/rollout/record.h"

namespace pipeline::rollout {

// All that is known up to here; a reader may start at the last one.
struct Checkpoint {
  EnvironmentRecord record;
};
// A deployment begins; it is `approved`.
struct Opened {
  DeploymentKind kind = DeploymentKind::deploy;
  Release release;
  Traffic before;
  std::string by{};  // who or what asked for it; empty: not known
};
// From here on these steps are carried out.
struct Planned {
  Direction direction = Direction::forward;
  Steps steps;
};
struct Intent {
  std::uint32_t step = 0;  // index in the plan
};
struct Outcome {
  std::uint32_t step = 0;
  bool ok = true;
  std::string detail{};
};
struct Entered {
  State state = State::prepared;
  std::uint32_t batch = 0;
  std::string reason{};
  Blame blame = Blame::nobody;  // of rolling-back: a blamed release is marked bad
  std::string hint{};           // with the reason
};
// Everything was stopped on request; releases and history stay.
struct ShutDown {};

using EntryBody = std::variant<Checkpoint, Opened, Planned, Intent, Outcome, Entered, ShutDown>;

struct Entry {
  base::TimePoint at;
  EntryBody body;
};

// ErrorKind::corrupt for an entry that cannot follow; the record is then unchanged.
base::Result<> apply(EnvironmentRecord& record, const Entry& entry);
base::Result<EnvironmentRecord> fold(const std::vector<Entry>& entries);

}  // namespace pipeline::rollout
