#include "runner/serve/doctor_endpoint.h"

#include <boost/json.hpp>

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/help.h"
#include "runner/serve/preflight.h"
#include "runner/server/api/json_call.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using cli::Finding;
using cli::Health;

std::string elapsed(base::TimePoint from, base::TimePoint to) {
  return base::format_elapsed(std::chrono::duration_cast<base::Duration>(to - from));
}

Finding look_at_agent(const server::AgentRoster& agents, const server::RosterEntry& entry,
                      const std::string& version, base::TimePoint now) {
  const std::string state(agents.state_of(entry, now));
  const std::string heard = "last heard of " + elapsed(entry.heard_at, now) + " ago";
  Finding finding{"agent " + entry.hello.agent, Health::good,
                  base::join({state, ", ", heard, ", version ", entry.hello.program}, "")};
  if (state == "gone") {
    finding.health = Health::weak;
    finding.next = "start it again: systemctl status pipeline-agent on its machine";
  } else if (state != "ready") {
    finding.health = Health::weak;
    finding.next = "pipeline agents says why it takes no work";
  } else if (entry.hello.program != version) {
    finding.health = Health::weak;
    finding.next = "install version " + version + ", which the server has, on it";
  }
  return finding;
}

json::array words_of(const std::set<api::Scope>& scopes) {
  json::array words;
  for (const api::Scope scope : scopes) words.emplace_back(api::to_string(scope));
  return words;
}

// With what is not merged into it yet.
Finding look_at_size(const store::Paths& paths, Finding database) {
  std::uint64_t size = 0;
  for (const char* const suffix : {"", "-wal"}) {
    std::error_code error;
    const auto part = std::filesystem::file_size(paths.database().string() + suffix, error);
    if (!error) size += part;
  }
  database.found += ", " + base::format_size(size);
  return database;
}

}  // namespace

std::vector<Finding> look_at_agents(const server::AgentRoster& agents, const std::string& version,
                                    base::TimePoint now) {
  std::vector<Finding> findings;
  for (const auto& [name, entry] : agents.all())
    findings.push_back(look_at_agent(agents, entry, version, now));
  if (findings.empty())
    findings.push_back({"agents", Health::weak, "none has come since the server started",
                        "pipeline agent --server URL makes a machine one"});
  return findings;
}

Finding look_at_notices(const Courier::Snapshot& telling) {
  const std::string subject = "notices";
  const auto count = [&telling](store::NoticeState state) {
    const auto found = telling.kept.find(state);
    return found == telling.kept.end() ? std::uint64_t{0} : found->second;
  };
  const std::uint64_t waiting = count(store::NoticeState::waiting);
  const std::uint64_t failed = count(store::NoticeState::failed);
  std::string trouble;
  if (waiting > 0 && telling.last_failure)
    trouble = std::to_string(waiting) + " wait; the last try failed at " +
              base::format_timestamp(*telling.last_failure);
  if (failed > 0) trouble += (trouble.empty() ? "" : "; ") + std::to_string(failed) + " given up";
  if (trouble.empty()) return {subject, Health::good, "none waits for a receiver that failed"};
  return {subject, Health::weak, trouble, "pipeline notices says which, and why"};
}

std::vector<Finding> findings_of(const std::string& subject, const std::string& all_well,
                                 const std::vector<std::string>& troubles,
                                 const std::string& next) {
  std::vector<Finding> findings;
  findings.reserve(troubles.size() + 1);
  for (const std::string& trouble : troubles)
    findings.push_back({subject, Health::bad, trouble, next});
  if (findings.empty()) findings.push_back({subject, Health::good, all_well});
  return findings;
}

std::vector<Finding> DoctorEndpoint::findings() const {
  const base::TimePoint now = watched_.clock.now();
  std::vector<Finding> all = {look_at_disk(watched_.paths.root()),
                              look_at_size(watched_.paths, look_at_database(watched_.database))};
  if (watched_.settings.tls) all.push_back(look_at_certificate(*watched_.settings.tls, now));
  const auto add = [&all](std::vector<Finding> some) {
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  };
  add(look_at_agents(watched_.agents, cli::version(), now));
  add(findings_of("schedules", "all can fire", watched_.scheduler.troubles(),
                  "pipeline check in the repository, then push; pipeline schedules lists them"));
  add(findings_of("repositories", "all can be fetched", watched_.lookout.troubles(),
                  "look whether the server reaches it: git ls-remote, as the server's user"));
  all.push_back(look_at_notices(watched_.telling.snapshot()));
  return all;
}

void DoctorEndpoint::answer(const api::Call& call) const {
  api::answer_json(call,
                   json::object{{"version", cli::version()},
                                {"now", base::format_timestamp(watched_.clock.now())},
                                {"token", json::object{{"name", call.caller.name},
                                                       {"scopes", words_of(call.caller.scopes)}}},
                                {"findings", cli::to_json(findings())}});
}

std::vector<api::Endpoint> DoctorEndpoint::endpoints() {
  return {{.method = "GET",
           .path = "/api/v1/health",
           .summary = "How the server is in detail, who calls, and what its clock says.",
           .scope = api::Scope::read,
           .handle = [this](const api::Call& call) { answer(call); }}};
}

}  // namespace pipeline::serve
