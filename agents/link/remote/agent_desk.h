// Where engines leave attempts and agents take them: the meeting point of all runs of a server with
// all of its agents.
//
// What an agent says of an attempt is what it appends to the files of the attempt's log directory:
// its log, and the reports (report_file.h) that the engine hears of. They are on the disk before
// the agent is told that they are, so that nothing is lost with this process; the next one finds
// the lease beside them and goes on.
//
// Before the first agent is heard, every run that an earlier server left is resumed: a lease that
// the desk does not know is one that is over.
//
// Order of calls for one attempt, as an agent sees it:  ask → (a grant) → renew → (append |
// renew)*, until its JobFinished is among the reports. A grant may get lost on its way: the attempt
// is the agent's, and may begin, only once it has said that it has it and was not told to drop it;
// until then the attempt can still be given to another. Whoever is told that its lease is over
// stops the job. Threads: safe from any. Sinks and grants are called one at a time, in the order in
// which things happened; they must not call back.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agents/link/link.h"
#include "agents/link/remote/lease_board.h"
#include "agents/link/remote/lease_file.h"
#include "agents/link/report_file.h"
#include "agents/protocol/agent_messages.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::link {

using protocol::AttemptWord;
using protocol::Instruction;

class AgentDesk {
 public:
  // Called once, from the thread that made it happen.
  using OnGrant = std::function<void(protocol::Grant)>;

  // An agent that is not heard of for `lease` is lost, with all that it has. No lease of an earlier
  // desk has a fence of this one, as long as the clock of the machine goes forward.
  // A job that asks for no labels needs an agent that has `labels`. Deployments to one environment
  // are given out one at a time.
  AgentDesk(const base::Clock& clock, base::Duration lease, std::vector<std::string> labels = {})
      : clock_(clock),
        board_(lease, static_cast<Fence>(clock.now().time_since_epoch().count())),
        labels_(labels.begin(), labels.end()) {}

  // For engines. The sink is told nothing after forget(). The fence of what is offered is the
  // desk's to choose.
  void offer(protocol::Grant work, EventSink& sink);
  base::Result<std::optional<std::vector<run::Event>>> resume(const EarlierAttempt& earlier,
                                                              EventSink& sink);
  void stop(const Instruction& instruction);
  void forget(run::RunId run);
  void forget(const AttemptKey& attempt);

  // For agents.
  void welcome(const AgentName& agent, std::set<std::string> labels,
               LeaseBoard::Deploys deploys = LeaseBoard::Deploys::and_looks);
  void set_takes(const AgentName& agent, LeaseBoard::Takes takes);
  void farewell(const AgentName& agent);
  Ticket ask(const AgentName& agent, OnGrant on_grant);
  // Nobody listens to the ticket any more: what it was granted, but not taken, is offered again.
  void leave(Ticket ticket);
  // The agent is alive and has these.
  std::vector<Instruction> renew(const AgentName& agent, const std::vector<AttemptWord>& words);
  // Bytes of a file of the attempt, from `offset` on. How long the file is then: what it already
  // had is passed over, and nothing is taken of what does not follow. `file` is a path below the
  // log directory. ErrorKind::conflict when the lease is over, ErrorKind::invalid for another file.
  base::Result<std::uint64_t> append(const AgentName& agent, const AttemptWord& word,
                                     std::string_view file, std::uint64_t offset,
                                     std::string_view bytes);

  // Where the attempt deploys to, as long as the agent has its lease. ErrorKind::conflict when that
  // is over, ErrorKind::invalid for an attempt that does not deploy.
  base::Result<DeployedPlace> place_of(const AgentName& agent, const AttemptWord& word);
  // Every attempt that deploys and has a lease.
  std::map<AttemptKey, DeployedPlace> deployments();

  // Ends what lost agents had. To be called at deadline().
  void advance();
  std::optional<base::TimePoint> deadline();
  // Of a run what no agent has yet, and why.
  struct Waiting {
    std::string job;
    std::string reason;  // "there is no agent with label gpu"
  };
  std::vector<Waiting> waiting(run::RunId run);
  LeaseBoard::Counts counts();

  // No agent is heard any more: nobody need wait for one.
  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }

 private:
  struct Attempt {
    std::filesystem::path log_directory;
    EventSink* sink = nullptr;
    std::optional<protocol::Grant> work{};  // until an agent has taken it
    std::optional<Ticket> granted{};        // to whom it is on its way
    std::optional<Instruction> instruction{};
    std::optional<ReportReader> reports{};
    std::optional<DeployedPlace> place{};
  };

  template <class Which>
  void forget_if(const Which& which);
  void match();
  void offer_again(const AttemptKey& key, Attempt& attempt);
  // None: the lease is over.
  Attempt* find(const AgentName& agent, const AttemptWord& word);
  base::Result<> take(const AgentName& agent, const AttemptWord& word, Attempt& attempt);
  void end(const AttemptKey& key, Attempt& attempt, run::JobStatus as, std::string reason);
  base::Result<> hear(const AttemptKey& key, Attempt& attempt);

  Need need_of(const protocol::JobOrder& order) const;

  const base::Clock& clock_;
  std::atomic<bool> is_closed_{false};
  std::mutex mutex_;  // guards what follows, but labels_
  LeaseBoard board_;
  const std::set<std::string> labels_;
  Ticket last_ticket_ = 0;
  std::map<Ticket, OnGrant> asking_;
  std::map<AttemptKey, Attempt> attempts_;
};

}  // namespace pipeline::link
