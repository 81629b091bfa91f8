// The way from agents to a server: requests and replies that get lost, come twice or late, agents
// that are cut off, and a server that is not there, or dies of a request.
//
// What the server hears of it goes through its real router, what an agent hears comes as a reply
// of its HTTP client.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agents/http/http_client.h"
#include "pipelines/base/clock.h"
#include "runner/server/api/router.h"
#include "tests/simulation/harness.h"
#include "tests/support/exchange/held_exchange.h"

namespace pipeline::simulation {

class Network {
 public:
  // In percent, of every request.
  struct Faults {
    std::uint64_t lost = 0, unanswered = 0, doubled = 0, late = 0, deadly = 0;
  };

  Network(Random random, const base::Clock& clock) : random_(random), clock_(clock) {}

  void set_faults(const Faults& faults) { faults_ = faults; }
  // Called when the server dies of a request: before it heard it, or after it had done it. What is
  // sent from then on does not arrive until there is another router.
  void on_death(std::function<void()> dies) { dies_ = std::move(dies); }
  // Null: nobody is there. Who waits for an answer of the one before gets none.
  void set_server(api::Router* router) { router_ = router, ++server_; }
  void cut_off(const std::string& agent, base::TimePoint until) { cut_[agent] = until; }
  void heal() { cut_.clear(); }

  // An agent's connection, for calls that are answered at once. Named by its token. The network
  // outlives it.
  std::unique_ptr<http_client::HttpClient> client_of(const std::string& agent);
  base::Result<http_client::Reply> call(const std::string& agent, const http_client::Ask& ask);
  // One that may be answered later; none when it did not arrive.
  struct Waiting {
    std::shared_ptr<support::HeldExchange> exchange;
    std::uint64_t server = 0;  // which of them was asked
  };
  std::optional<Waiting> ask(const std::string& agent, const http_client::Ask& ask);
  // The connection ends, and whoever was asked hears of it, if it is still there.
  void hang_up(const Waiting& waiting) const;
  // There will be no answer: who was asked is dead.
  bool is_broken(const Waiting& waiting) const {
    return waiting.server != server_ && !waiting.exchange->answered;
  }
  // Whether an answer that is there gets lost.
  bool loses_answer() { return random_.percent(faults_.unanswered); }

  // When the next late request arrives; none: nothing is under way.
  std::optional<base::TimePoint> next() const;
  void deliver_late();

 private:
  bool reaches(const std::string& agent) const;
  bool dies_of_it();
  std::shared_ptr<support::HeldExchange> deliver(const http::Request& request);

  Random random_;
  const base::Clock& clock_;
  Faults faults_;
  std::function<void()> dies_;
  api::Router* router_ = nullptr;
  std::uint64_t server_ = 0;                    // counts them
  std::map<std::string, base::TimePoint> cut_;  // until when
  std::multimap<base::TimePoint, http::Request> late_;
};

}  // namespace pipeline::simulation
