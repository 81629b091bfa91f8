// Flags for applications, over OFREP. A provider is given `/flags/PIPELINE/ENVIRONMENT` of this
// server as its base URL, and a token of the scope `flags`, which allows nothing else.
//
// Threads: the server's. An evaluation is bounded (pipelines/toggle/json_logic.h) and happens
// there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/ofrep/change_stream.h"
#include "runner/server/ofrep/stream_ticket.h"
#include "runner/toggles/flags_in_service.h"

namespace pipeline::ofrep {

// What is served in an environment, and since when.
struct Served {
  std::shared_ptr<const toggles::FlagsInService> flags;
  base::TimePoint since;
};

class OfrepEndpoints {
 public:
  // None: nothing was ever deployed there, or it is not known yet.
  using Find = std::function<std::optional<Served>(const deploy::EnvironmentKey& key)>;

  using Tickets = std::function<const StreamTickets&()>;

  // All outlive it.
  OfrepEndpoints(Find find, ChangeStream& changes, Tickets tickets, const base::Clock& clock)
      : find_(std::move(find)), changes_(changes), tickets_(std::move(tickets)), clock_(clock) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void evaluate(const api::Call& call);
  void evaluate_all(const api::Call& call);
  void configuration(const api::Call& call);
  void listen(const api::Call& call);

  const Find find_;
  ChangeStream& changes_;
  const Tickets tickets_;
  const base::Clock& clock_;
};

}  // namespace pipeline::ofrep
