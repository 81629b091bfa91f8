// What agents call, and what people call about agents.
//
// Threads: everything on the server's, but advance() and deadline(), which are safe from any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "agents/link/remote/agent_desk.h"
#include "pipelines/base/clock.h"
#include "runner/server/agents/agent_roster.h"
#include "runner/server/api/endpoint.h"

namespace pipeline::server {

// How long what takes, and what an agent has to have.
struct AgentTimes {
  base::Duration poll = std::chrono::seconds(30);       // an ask without work is answered then
  base::Duration heartbeat = std::chrono::seconds(10);  // how often agents are to be heard of
  base::Duration lease = std::chrono::seconds(45);      // as the desk's
  std::uint64_t least_disk = std::uint64_t{1} << 30U;   // one with less free bytes gets no work

  bool operator==(const AgentTimes&) const = default;
};

struct AgentHooks {
  // Answers the call, on whichever thread; empty: nobody has a journal.
  std::function<void(const api::Call& call, const link::AttemptWord& word,
                     const protocol::JournalAsk& ask)>
      answer_journal{};
  // A file of the log directory of an attempt of the job has grown.
  std::function<void(run::RunId run, const std::string& job)> on_append{};
};

class AgentEndpoints {
 public:
  // All three outlive it, and it outlives whoever serves its endpoints.
  // `program` is the server's version, which agents are told.
  AgentEndpoints(link::AgentDesk& desk, const base::Clock& clock, const AgentTimes& times,
                 std::string program = {}, AgentHooks hooks = {});

  std::vector<api::Endpoint> endpoints();

  const AgentRoster& roster() const { return roster_; }

  // Answers those that have waited long enough. To be called at deadline().
  void advance();
  std::optional<base::TimePoint> deadline();
  // Every agent that waits is told that there is no work, and so is who asks from now on: before
  // the server stops.
  void close();

 private:
  struct Waiting {
    std::shared_ptr<http::Exchange> exchange;
    base::TimePoint until;
    link::Ticket ticket = 0;  // 0: the desk has not said yet
  };

  void hello(const api::Call& call);
  void farewell(const api::Call& call);
  void ask(const api::Call& call);
  void heartbeat(const api::Call& call);
  void append(const api::Call& call);
  void journal(const api::Call& call);
  void list(const api::Call& call);
  void pause(const api::Call& call, bool is_paused);
  // Changes what is known of an agent, and whether it gets work with it.
  void change(RosterEntry& entry, const std::function<void(RosterEntry&)>& how);
  // Null, and the call is answered, when the caller does not speak for the agent that it names.
  RosterEntry* speaker(const api::Call& call);
  // The one that waits under this number, if it still does.
  std::optional<Waiting> take(std::uint64_t number);

  link::AgentDesk& desk_;
  const base::Clock& clock_;
  const AgentTimes times_;
  const std::string program_;
  const AgentHooks hooks_;
  AgentRoster roster_;
  std::mutex mutex_;  // guards what follows; never held while the desk is called
  std::map<std::uint64_t, Waiting> waiting_;  // in the order in which they came
  std::uint64_t last_number_ = 0;
  bool is_closed_ = false;
};

}  // namespace pipeline::server
