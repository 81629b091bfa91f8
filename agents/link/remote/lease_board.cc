#include "agents/link/remote/lease_board.h"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "pipelines/base/text.h"

namespace pipeline::link {

namespace {

// What is remembered of an agent's outputs: a preference, so the oldest may be forgotten.
constexpr std::size_t kMostRemembered = 1000;

}  // namespace

void LeaseBoard::welcome(const AgentName& agent, std::set<std::string> labels, Deploys deploys) {
  Agent& welcomed = agents_[agent];
  welcomed.deploys = deploys;
  welcomed.labels = std::move(labels);
  welcomed.has_left = false;
}

void LeaseBoard::set_takes(const AgentName& agent, Takes takes) {
  agents_.at(agent).takes = takes;
}

void LeaseBoard::farewell(const AgentName& agent) {
  const auto left = agents_.find(agent);
  if (left == agents_.end()) return;
  std::erase_if(tickets_, [&](const auto& ticket) { return ticket.second == agent; });
  left->second.has_left = true;
  forget_if_gone(left);
}

void LeaseBoard::forget_if_gone(std::map<AgentName, Agent>::iterator agent) {
  if (agent->second.has_left && agent->second.leases == 0) agents_.erase(agent);
}

void LeaseBoard::offer(const AttemptKey& attempt, Need need) {
  offers_.push_back({attempt, std::move(need)});
}

bool LeaseBoard::withdraw(const AttemptKey& attempt) {
  return std::erase_if(offers_, [&](const Offer& offer) { return offer.attempt == attempt; }) > 0;
}

void LeaseBoard::ask(Ticket ticket, const AgentName& agent) {
  assert(agents_.contains(agent));
  tickets_.emplace(ticket, agent);
}

void LeaseBoard::leave(Ticket ticket) {
  tickets_.erase(ticket);
}

bool LeaseBoard::fits(const AgentName& name, const Agent& agent, const Need& need) {
  return (!need.agent || *need.agent == name) && std::ranges::includes(agent.labels, need.labels);
}

bool LeaseBoard::understands(const Agent& agent, const Need& need) {
  if (need.is_look) return agent.deploys == Deploys::and_looks;
  return need.alone.empty() || agent.deploys != Deploys::no;
}

bool LeaseBoard::is_taken(const std::string& alone) const {
  return !alone.empty() && std::ranges::any_of(leases_, [&](const auto& lease) {
    return lease.second.alone == alone;
  });
}

std::optional<Ticket> LeaseBoard::best_ticket(const Need& need) const {
  // Compared in this order, smaller is better.
  using Rank = std::tuple<std::size_t, std::size_t, Ticket>;
  std::optional<Rank> best;
  for (const auto& [ticket, name] : tickets_) {
    const Agent& agent = agents_.at(name);
    if (agent.takes != Takes::work || !fits(name, agent, need)) continue;
    if (!understands(agent, need)) continue;
    const auto missing = static_cast<std::size_t>(std::ranges::count_if(
        need.uses, [&](const base::Digest& digest) { return !agent.has.contains(digest); }));
    const Rank rank{missing, agent.leases, ticket};
    if (!best || rank < *best) best = rank;
  }
  if (!best) return std::nullopt;
  return std::get<2>(*best);
}

std::vector<LeaseBoard::Grant> LeaseBoard::match(base::TimePoint now) {
  std::vector<Grant> grants;
  // Those of one set of labels all fail where one did: thousands may wait for an agent.
  std::set<std::tuple<std::set<std::string>, std::optional<AgentName>, bool, bool>> in_vain;
  std::erase_if(offers_, [&](const Offer& offer) {
    const std::tuple asked(offer.need.labels, offer.need.agent, offer.need.alone.empty(),
                           offer.need.is_look);
    if (tickets_.empty() || in_vain.contains(asked) || is_taken(offer.need.alone)) return false;
    const auto ticket = best_ticket(offer.need);
    if (!ticket) {
      in_vain.insert(asked);
      return false;
    }
    const AgentName name = tickets_.extract(*ticket).mapped();
    Agent& agent = agents_.at(name);
    ++agent.leases;
    for (const base::Digest& digest : offer.need.uses) note_has(agent, digest);
    leases_[offer.attempt] = {name, ++last_fence_, now, offer.need.alone};
    grants.push_back({*ticket, name, offer.attempt, last_fence_});
    return true;
  });
  return grants;
}

void LeaseBoard::adopt(const AttemptKey& attempt, const AgentName& agent, Fence fence,
                       base::TimePoint now, std::string alone) {
  ++agents_[agent].leases;
  leases_[attempt] = {agent, fence, now, std::move(alone)};
  last_fence_ = std::max(last_fence_, fence);
}

bool LeaseBoard::renew(const AgentName& agent, const AttemptKey& attempt, Fence fence,
                       base::TimePoint now) {
  const auto lease = leases_.find(attempt);
  if (lease == leases_.end() || lease->second.fence != fence || lease->second.agent != agent)
    return false;
  lease->second.last_heard = now;
  return true;
}

void LeaseBoard::end(const AttemptKey& attempt, const std::vector<base::Digest>& made) {
  const auto lease = leases_.find(attempt);
  if (lease == leases_.end()) return;
  for (const base::Digest& digest : made) note_has(agents_.at(lease->second.agent), digest);
  drop(lease);
}

std::vector<LeaseBoard::Lost> LeaseBoard::take_lost(base::TimePoint now) {
  std::vector<Lost> lost;
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    const auto here = lease++;
    if (now - here->second.last_heard < lease_) continue;
    lost.push_back({here->first, here->second.agent, here->second.last_heard});
    drop(here);
  }
  return lost;
}

std::optional<base::TimePoint> LeaseBoard::deadline() const {
  const auto first = std::ranges::min_element(
      leases_, {}, [](const auto& lease) { return lease.second.last_heard; });
  if (first == leases_.end()) return std::nullopt;
  return first->second.last_heard + lease_;
}

std::string LeaseBoard::reason_to_wait(const AttemptKey& attempt) const {
  const auto offer = std::ranges::find(offers_, attempt, &Offer::attempt);
  if (offer == offers_.end()) return "an agent has it";
  const Need& need = offer->need;
  if (is_taken(need.alone)) return "waiting for another " + need.alone;
  const std::vector<std::string> labels(need.labels.begin(), need.labels.end());
  std::string agents = need.agent ? "agent " + *need.agent : "agent";
  if (!labels.empty())
    agents += (labels.size() == 1 ? " with label " : " with labels ") + base::join(labels, ", ");
  const auto is_here = [&](const auto& entry) {
    return !entry.second.has_left && fits(entry.first, entry.second, need);
  };
  if (std::ranges::none_of(agents_, is_here)) return "there is no " + agents;
  const std::string each = need.agent ? agents : "every " + agents;
  const auto takes = [&](const auto& entry) {
    return is_here(entry) && entry.second.takes == Takes::work;
  };
  if (std::ranges::none_of(agents_, takes)) return each + " is paused";
  const auto does_it = [&](const auto& entry) {
    return takes(entry) && understands(entry.second, need);
  };
  if (std::ranges::none_of(agents_, does_it))
    return each + " is of an older version, which " +
           (need.is_look ? "cannot look" : "deploys nothing");
  return (need.agent ? "waiting for " : "waiting for an ") + agents;
}

std::size_t LeaseBoard::leases_of(const AgentName& agent) const {
  const auto found = agents_.find(agent);
  return found == agents_.end() ? 0 : found->second.leases;
}

void LeaseBoard::note_has(Agent& agent, const base::Digest& digest) {
  if (!agent.has.insert(digest).second) return;
  agent.has_in_order.push_back(digest);
  if (agent.has_in_order.size() <= kMostRemembered) return;
  agent.has.erase(agent.has_in_order.front());
  agent.has_in_order.pop_front();
}

void LeaseBoard::drop(std::map<AttemptKey, Lease>::iterator lease) {
  const auto agent = agents_.find(lease->second.agent);
  --agent->second.leases;
  leases_.erase(lease);
  forget_if_gone(agent);
}

}  // namespace pipeline::link
