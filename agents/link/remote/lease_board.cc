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

void LeaseBoard::welcome(const AgentName& agent, std::set<std::string> labels) {
  Agent& welcomed = agents_[agent];
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

bool LeaseBoard::can_take(const Agent& agent, const Need& need) const {
  return agent.takes == Takes::work && std::ranges::includes(agent.labels, need.labels);
}

std::optional<Ticket> LeaseBoard::best_ticket(const Need& need) const {
  // Compared in this order, smaller is better.
  using Rank = std::tuple<std::size_t, std::size_t, Ticket>;
  std::optional<Rank> best;
  for (const auto& [ticket, name] : tickets_) {
    const Agent& agent = agents_.at(name);
    if (!can_take(agent, need)) continue;
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
  std::set<std::set<std::string>> in_vain;
  std::erase_if(offers_, [&](const Offer& offer) {
    if (tickets_.empty() || in_vain.contains(offer.need.labels)) return false;
    const auto ticket = best_ticket(offer.need);
    if (!ticket) {
      in_vain.insert(offer.need.labels);
      return false;
    }
    const AgentName name = tickets_.extract(*ticket).mapped();
    Agent& agent = agents_.at(name);
    ++agent.leases;
    for (const base::Digest& digest : offer.need.uses) note_has(agent, digest);
    leases_[offer.attempt] = {name, ++last_fence_, now};
    grants.push_back({*ticket, name, offer.attempt, last_fence_});
    return true;
  });
  return grants;
}

void LeaseBoard::adopt(const AttemptKey& attempt, const AgentName& agent, Fence fence,
                       base::TimePoint now) {
  ++agents_[agent].leases;
  leases_[attempt] = {agent, fence, now};
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
  const std::vector<std::string> labels(offer->need.labels.begin(), offer->need.labels.end());
  std::string agents = labels.empty() ? "agent" : "agent with ";
  if (!labels.empty())
    agents += (labels.size() == 1 ? "label " : "labels ") + base::join(labels, ", ");
  const auto fits = [&](const auto& entry) {
    return !entry.second.has_left && std::ranges::includes(entry.second.labels, offer->need.labels);
  };
  if (std::ranges::none_of(agents_, fits)) return "there is no " + agents;
  const auto takes = [&](const auto& entry) {
    return fits(entry) && entry.second.takes == Takes::work;
  };
  if (std::ranges::none_of(agents_, takes)) return "every " + agents + " is paused";
  return "waiting for an " + agents;
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
