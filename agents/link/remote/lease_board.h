// Which agent runs which attempt: what is offered, who asks, who holds a lease and until when.
//
// An agent's ask waits on the board as a ticket; match() brings offers and tickets together. A
// lease ends when the attempt does, or when its agent has not been heard of for too long; a number,
// higher with every lease, tells a late word of a former holder from one of the present.
//
// Pure: time comes in, decisions go out; whoever owns the board carries them out. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"

namespace pipeline::link {

using protocol::AttemptKey;
using protocol::Fence;
using AgentName = std::string;
using Ticket = std::uint64_t;

// What an attempt asks of the agent that runs it.
struct Need {
  std::set<std::string> labels;      // all of them
  std::vector<base::Digest> uses;    // outputs that it starts from: whoever has them is preferred
  std::optional<AgentName> agent{};  // that one and no other
  // Of all attempts with the same word, one has a lease at a time: "deployment to shop/production".
  // Empty: it is no deployment.
  std::string alone{};
  bool is_look = false;  // at what was deployed
};

class LeaseBoard {
 public:
  // Fences are higher than `last_fence`.
  explicit LeaseBoard(base::Duration lease, Fence last_fence = 0)
      : lease_(lease), last_fence_(last_fence) {}

  // What one of its version does about deployments: an older one can not tell how instances are, or
  // deploys nothing at all.
  enum class Deploys { no, yes, and_looks };
  // The agent is here, with these labels from now on.
  void welcome(const AgentName& agent, std::set<std::string> labels,
               Deploys deploys = Deploys::and_looks);
  enum class Takes { work, nothing };
  // Whether it is given more; what it has goes on. REQUIRES: it was welcomed.
  void set_takes(const AgentName& agent, Takes takes);
  // It will not ask any more. What it still has goes on, and it is forgotten with the last of it.
  void farewell(const AgentName& agent);

  void offer(const AttemptKey& attempt, Need need);
  // False when it is not offered: an agent may have it.
  bool withdraw(const AttemptKey& attempt);

  // REQUIRES: the agent was welcomed; a ticket is used once.
  void ask(Ticket ticket, const AgentName& agent);
  void leave(Ticket ticket);

  struct Grant {
    Ticket ticket = 0;
    AgentName agent;
    AttemptKey attempt;
    Fence fence = 0;
  };
  // Offers in the order in which they came, each to the agent that fits best: it has most of what
  // is used, then the fewest leases, then the oldest ticket. Afterwards no offer is left that a
  // ticket could take.
  std::vector<Grant> match(base::TimePoint now);

  // An agent's lease as it was before this board was made; `alone` as its need had it.
  void adopt(const AttemptKey& attempt, const AgentName& agent, Fence fence, base::TimePoint now,
             std::string alone = {});
  // False: the lease is another's, or over.
  bool renew(const AgentName& agent, const AttemptKey& attempt, Fence fence, base::TimePoint now);
  // The attempt is over; its agent has what it made.
  void end(const AttemptKey& attempt, const std::vector<base::Digest>& made);

  struct Lost {
    AttemptKey attempt;
    AgentName agent;
    base::TimePoint last_heard;
  };
  // Ends the leases of agents that were not heard of in time.
  std::vector<Lost> take_lost(base::TimePoint now);
  // When the next of them would be.
  std::optional<base::TimePoint> deadline() const;

  // Why an offer is still there, for a person.
  std::string reason_to_wait(const AttemptKey& attempt) const;
  std::size_t leases_of(const AgentName& agent) const;
  struct Counts {
    std::size_t offered = 0;  // they wait for an agent
    std::size_t leased = 0;
  };
  Counts counts() const { return {offers_.size(), leases_.size()}; }

 private:
  struct Agent {
    std::set<std::string> labels;
    Deploys deploys = Deploys::and_looks;
    Takes takes = Takes::work;
    std::size_t leases = 0;
    bool has_left = false;
    std::set<base::Digest> has;
    std::deque<base::Digest> has_in_order;  // oldest first
  };
  struct Offer {
    AttemptKey attempt;
    Need need;
  };
  struct Lease {
    AgentName agent;
    Fence fence = 0;
    base::TimePoint last_heard;
    std::string alone{};
  };

  bool is_taken(const std::string& alone) const;
  static bool fits(const AgentName& name, const Agent& agent, const Need& need);
  static bool understands(const Agent& agent, const Need& need);
  std::optional<Ticket> best_ticket(const Need& need) const;
  static void note_has(Agent& agent, const base::Digest& digest);
  void drop(std::map<AttemptKey, Lease>::iterator lease);
  void forget_if_gone(std::map<AgentName, Agent>::iterator agent);

  base::Duration lease_;
  Fence last_fence_;
  std::map<AgentName, Agent> agents_;
  std::vector<Offer> offers_;  // in the order in which they came
  std::map<Ticket, AgentName> tickets_;
  std::map<AttemptKey, Lease> leases_;
};

}  // namespace pipeline::link
