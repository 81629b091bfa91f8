// The agents that this server has heard of since it was started: an agent that was here before
// registers again with its next word.
//
// Pure: time comes in. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::server {

struct RosterEntry {
  protocol::Hello hello;
  std::string token;  // the name of the token that it came with: nobody else speaks for it
  base::TimePoint heard_at;
  bool is_paused = false;
  std::optional<protocol::MachineState> machine{};  // as it was told last
};

class AgentRoster {
 public:
  // An agent that was not heard of for `absence` has gone: its name may be another token's.
  // One with less free disk than `least_disk` gets no work.
  explicit AgentRoster(base::Duration absence, std::uint64_t least_disk = 0)
      : absence_(absence), least_disk_(least_disk) {}

  // ErrorKind::invalid for a name that cannot be one, labels that cannot be some, or another major
  // version; ErrorKind::conflict when another token's agent of that name is here.
  base::Result<> welcome(const protocol::Hello& hello, const std::string& token,
                         base::TimePoint now);
  // Notes that the agent spoke. Null when no agent of that name came with the token.
  RosterEntry* hear(const std::string& agent, const std::string& token, base::TimePoint now);
  // Null when there is none.
  RosterEntry* find(const std::string& agent);
  void forget(const std::string& agent) { entries_.erase(agent); }

  bool is_here(const RosterEntry& entry, base::TimePoint now) const {
    return now - entry.heard_at < absence_;
  }
  bool is_low_on_disk(const RosterEntry& entry) const {
    return entry.machine && entry.machine->disk_free < least_disk_;
  }
  bool takes_work(const RosterEntry& entry) const {
    return !entry.is_paused && !is_low_on_disk(entry);
  }
  // One of "ready", "paused", "drained" (it is low on disk) and "gone".
  std::string_view state_of(const RosterEntry& entry, base::TimePoint now) const;
  // Why it takes no work, for a person; empty when it does.
  std::string reason_of(const RosterEntry& entry, base::TimePoint now) const;
  const std::map<std::string, RosterEntry>& all() const { return entries_; }

 private:
  base::Duration absence_;
  std::uint64_t least_disk_;
  std::map<std::string, RosterEntry> entries_;
};

}  // namespace pipeline::server
