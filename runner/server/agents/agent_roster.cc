#include "runner/server/agents/agent_roster.h"

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "runner/store/names.h"

namespace pipeline::server {

namespace {

using base::ErrorKind;
using base::Result;
using protocol::Hello;

constexpr std::size_t kMostLabels = 100;

Result<> check(const Hello& hello) {
  PIPELINE_TRY(store::check_name("an agent", hello.agent));
  if (hello.labels.size() > kMostLabels)
    return base::fail(ErrorKind::invalid,
                      "more than " + std::to_string(kMostLabels) + " labels are too many");
  for (const std::string& label : hello.labels) PIPELINE_TRY(store::check_name("a label", label));
  if (hello.major == protocol::kMajorVersion) return {};
  return base::fail(
      base::Error(ErrorKind::invalid, "the agent speaks version " + std::to_string(hello.major) +
                                          "." + std::to_string(hello.minor) +
                                          " of the protocol, this server version " +
                                          std::to_string(protocol::kMajorVersion) + "." +
                                          std::to_string(protocol::kMinorVersion))
          .hint("install the same release of pipeline on both"));
}

}  // namespace

Result<> AgentRoster::welcome(const Hello& hello, const std::string& token, base::TimePoint now) {
  PIPELINE_TRY(check(hello));
  const auto known = entries_.find(hello.agent);
  if (known != entries_.end() && known->second.token != token && is_here(known->second, now)) {
    return base::fail(base::Error(ErrorKind::conflict, "another agent is called " + hello.agent)
                          .hint("give this one a name of its own with --name"));
  }
  RosterEntry& entry = entries_[hello.agent];
  entry.hello = hello;
  entry.token = token;
  entry.heard_at = now;
  return {};
}

RosterEntry* AgentRoster::hear(const std::string& agent, const std::string& token,
                               base::TimePoint now) {
  RosterEntry* const entry = find(agent);
  if (entry == nullptr || entry->token != token) return nullptr;
  entry->heard_at = now;
  return entry;
}

std::string_view AgentRoster::state_of(const RosterEntry& entry, base::TimePoint now) const {
  if (!is_here(entry, now)) return "gone";
  if (entry.is_paused) return "paused";
  return is_low_on_disk(entry) ? "drained" : "ready";
}

std::string AgentRoster::reason_of(const RosterEntry& entry, base::TimePoint now) const {
  if (!is_here(entry, now)) return "it was not heard of";
  if (entry.is_paused) return "somebody paused it";
  if (!is_low_on_disk(entry)) return "";
  return "its disk has " + base::format_size(entry.machine->disk_free) + " left, less than " +
         base::format_size(least_disk_);
}

RosterEntry* AgentRoster::find(const std::string& agent) {
  const auto found = entries_.find(agent);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace pipeline::server
