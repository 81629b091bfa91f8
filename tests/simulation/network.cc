#include "tests/simulation/network.h"

namespace pipeline::simulation {

namespace {

using base::ErrorKind;
using base::Result;
using http_client::Ask;
using http_client::Reply;
using support::HeldExchange;

constexpr std::uint64_t kLatest = 120'000;  // milliseconds that a request may be under way

base::Error unreachable() {
  return {ErrorKind::unavailable, "the server cannot be reached"};
}

http::Request request_of(const std::string& agent, const Ask& ask) {
  return support::request(ask.method, ask.path, agent, ask.body);
}

class Connection final : public http_client::HttpClient {
 public:
  Connection(Network& network, std::string agent) : network_(network), agent_(std::move(agent)) {}
  Result<Reply> call(const Ask& ask) override { return network_.call(agent_, ask); }
  void cancel() override {}
  std::optional<std::string> peer_certificate() const override { return std::nullopt; }

 private:
  Network& network_;
  const std::string agent_;
};

}  // namespace

std::unique_ptr<http_client::HttpClient> Network::client_of(const std::string& agent) {
  return std::make_unique<Connection>(*this, agent);
}

bool Network::reaches(const std::string& agent) const {
  const auto cut = cut_.find(agent);
  return router_ != nullptr && (cut == cut_.end() || cut->second <= clock_.now());
}

bool Network::dies_of_it() {
  if (!random_.percent(faults_.deadly)) return false;
  set_server(nullptr);
  dies_();
  return true;
}

std::shared_ptr<HeldExchange> Network::deliver(const http::Request& request) {
  return support::ask(*router_, request);
}

Result<Reply> Network::call(const std::string& agent, const Ask& ask) {
  if (!reaches(agent) || random_.percent(faults_.lost)) return base::fail(unreachable());
  const http::Request request = request_of(agent, ask);
  if (random_.percent(faults_.late)) {
    late_.emplace(clock_.now() + std::chrono::milliseconds(random_.below(kLatest)), request);
    if (random_.percent(50)) return base::fail(unreachable());
  }
  if (dies_of_it()) return base::fail(unreachable());
  if (random_.percent(faults_.doubled)) deliver(request);
  const auto exchange = deliver(request);
  require(exchange->answered.has_value(), "a call that should be answered at once is not");
  if (dies_of_it() || loses_answer()) return base::fail(unreachable());
  return Reply{.status = exchange->answered->status,
               .fields = {},
               .body = std::move(exchange->answered->body)};
}

std::optional<Network::Waiting> Network::ask(const std::string& agent, const Ask& ask) {
  if (!reaches(agent) || random_.percent(faults_.lost) || dies_of_it()) return std::nullopt;
  const http::Request request = request_of(agent, ask);
  // A connection broke, and the client asked once more on another one.
  if (random_.percent(faults_.doubled)) {
    const auto first = deliver(request);
    if (random_.percent(50)) first->leave();
  }
  return Waiting{deliver(request), server_};
}

void Network::hang_up(const Waiting& waiting) const {
  if (waiting.server == server_) waiting.exchange->leave();
}

std::optional<base::TimePoint> Network::next() const {
  if (late_.empty()) return std::nullopt;
  return late_.begin()->first;
}

void Network::deliver_late() {
  while (!late_.empty() && late_.begin()->first <= clock_.now()) {
    const http::Request request = std::move(late_.extract(late_.begin()).mapped());
    if (router_ != nullptr) deliver(request);
  }
}

}  // namespace pipeline::simulation
