#include "runner/server/agents/agent_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "agents/protocol/agent_messages_json.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "pipelines/base/version.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"

namespace pipeline::server {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_nothing;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::number_in;
using api::Scope;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{1} << 20U;
constexpr std::uint64_t kLargestPiece = std::uint64_t{4} << 20U;

// What a PUT of a piece of a file says beside the bytes.
struct Piece {
  protocol::AttemptWord word;
  std::string file;
  std::uint64_t offset = 0;
};

link::LeaseBoard::Deploys deploys_of(const protocol::Hello& hello) {
  using Deploys = link::LeaseBoard::Deploys;
  if (hello.minor >= protocol::kLookingMinor) return Deploys::and_looks;
  return hello.minor >= protocol::kDeployingMinor ? Deploys::yes : Deploys::no;
}

// An agent says itself what its labels are; its token says among which.
Result<> expect_allowed(const std::vector<std::string>& labels, const api::Caller& caller) {
  if (!caller.labels) return {};
  for (const std::string& label : labels) {
    if (std::ranges::find(*caller.labels, label) != caller.labels->end()) continue;
    return base::fail(
        base::Error(base::ErrorKind::permission,
                    "this token is for no agent with label " + base::printable(label))
            .hint("an agent that comes with it may have: " + base::join(*caller.labels, ", ")));
  }
  return {};
}

Result<protocol::AttemptWord> word_of(const http::Request& request) {
  protocol::AttemptWord word;
  PIPELINE_ASSIGN(word.attempt.run, number_in<run::RunId>(request, "run"));
  PIPELINE_ASSIGN(word.attempt.attempt, number_in<std::uint32_t>(request, "attempt"));
  PIPELINE_ASSIGN(word.fence, number_in<protocol::Fence>(request, "fence"));
  word.attempt.job = request.target.parameter("job").value_or("");
  return word;
}

Result<Piece> piece_of(const http::Request& request) {
  Piece piece;
  PIPELINE_ASSIGN(piece.word, word_of(request));
  PIPELINE_ASSIGN(piece.offset, number_in<std::uint64_t>(request, "offset"));
  piece.file = request.target.parameter("file").value_or("");
  return piece;
}

json::object json_of(const protocol::MachineState& machine) {
  return {{"disk", {{"size", machine.disk_size}, {"free", machine.disk_free}}},
          {"memory", {{"size", machine.memory_size}, {"available", machine.memory_available}}},
          {"load", machine.load},
          {"processors", machine.processors}};
}

json::object json_of(const AgentRoster& roster, const RosterEntry& entry,
                     const std::string& program, base::TimePoint now) {
  const protocol::Hello& hello = entry.hello;
  json::object object{{"name", hello.agent},
                      {"state", roster.state_of(entry, now)},
                      {"labels", json::array(hello.labels.begin(), hello.labels.end())},
                      {"slots", hello.slots},
                      {"version", hello.program},
                      {"heard_at", base::format_timestamp(entry.heard_at)}};
  if (const std::string reason = roster.reason_of(entry, now); !reason.empty())
    object["reason"] = reason;
  if (base::is_older(hello.program, program)) object["update_to"] = program;
  if (entry.machine) object["machine"] = json_of(*entry.machine);
  return object;
}

}  // namespace

AgentEndpoints::AgentEndpoints(link::AgentDesk& desk, const base::Clock& clock,
                               const AgentTimes& times, std::string program, AgentHooks hooks)
    : desk_(desk),
      clock_(clock),
      times_(times),
      program_(std::move(program)),
      hooks_(std::move(hooks)),
      roster_(times.lease, times.least_disk) {}

std::vector<Endpoint> AgentEndpoints::endpoints() {
  const auto of = [this](void (AgentEndpoints::*handle)(const Call&)) {
    return [this, handle](const Call& call) { (this->*handle)(call); };
  };
  std::vector<Endpoint> all = {
      {"POST", "/api/v1/agents", "An agent is here: its name, labels and slots.", Scope::agent,
       kLargestMessage},
      {"DELETE", "/api/v1/agents/{agent}", "The agent will not ask for more work.", Scope::agent},
      {"POST", "/api/v1/agents/{agent}/lease",
       "The agent waits for work; 204 when there was none for a while.", Scope::agent,
       kLargestMessage},
      {"POST", "/api/v1/agents/{agent}/heartbeat",
       "The agent is alive and has these attempts; what to do with them.", Scope::agent,
       kLargestMessage},
      {"PUT", "/api/v1/agents/{agent}/files",
       "Bytes of a file of an attempt's log directory, from an offset on.", Scope::agent,
       kLargestPiece},
      {"POST", "/api/v1/agents/{agent}/journal",
       "The deployment journal of the environment that an attempt of the agent deploys to.",
       Scope::agent, kLargestPiece},
      {"GET", "/api/v1/agents", "The agents that this server has heard of.", Scope::read},
      {"POST", "/api/v1/agents/{agent}/pause", "The agent gets no more work until it is resumed.",
       Scope::admin},
      {"POST", "/api/v1/agents/{agent}/resume", "The agent gets work again.", Scope::admin},
  };
  const std::vector<std::function<void(Call)>> handlers = {
      of(&AgentEndpoints::hello),
      of(&AgentEndpoints::farewell),
      of(&AgentEndpoints::ask),
      of(&AgentEndpoints::heartbeat),
      of(&AgentEndpoints::append),
      of(&AgentEndpoints::journal),
      of(&AgentEndpoints::list),
      [this](const Call& call) { pause(call, true); },
      [this](const Call& call) { pause(call, false); },
  };
  for (std::size_t i = 0; i < all.size(); ++i) all[i].handle = handlers.at(i);
  return all;
}

void AgentEndpoints::hello(const Call& call) {
  const auto hello = protocol::message_from_json<protocol::Hello>(call.request().body);
  if (!hello) return answer_problem(call, hello.error());
  if (const auto allowed = expect_allowed(hello->labels, call.caller); !allowed)
    return answer_problem(call, allowed.error());
  const auto welcome = roster_.welcome(*hello, call.caller.name, clock_.now());
  if (!welcome) return answer_problem(call, welcome.error());
  desk_.welcome(hello->agent, {hello->labels.begin(), hello->labels.end()}, deploys_of(*hello));
  answer_json(call,
              to_json(protocol::Welcome{
                  .heartbeat = times_.heartbeat, .lease = times_.lease, .program = program_}));
}

RosterEntry* AgentEndpoints::speaker(const Call& call) {
  RosterEntry* const entry = roster_.hear(call.part("agent"), call.caller.name, clock_.now());
  // A token that was made anew may be for other labels.
  if (entry != nullptr && expect_allowed(entry->hello.labels, call.caller)) return entry;
  call.exchange->answer(http::problem(404, "this agent is not known here: it has to register"));
  return nullptr;
}

void AgentEndpoints::farewell(const Call& call) {
  if (speaker(call) == nullptr) return;
  desk_.farewell(call.part("agent"));
  roster_.forget(call.part("agent"));
  answer_nothing(call);
}

std::optional<AgentEndpoints::Waiting> AgentEndpoints::take(std::uint64_t number) {
  const std::scoped_lock guard(mutex_);
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return std::nullopt;
  return std::move(waiting_.extract(found).mapped());
}

void AgentEndpoints::ask(const Call& call) {
  if (speaker(call) == nullptr) return;
  std::uint64_t number = 0;
  {
    const std::scoped_lock guard(mutex_);
    if (is_closed_) return answer_nothing(call);
    number = ++last_number_;
    waiting_[number] = {.exchange = call.exchange, .until = clock_.now() + times_.poll};
  }
  // May be granted before ask() returns.
  const link::Ticket ticket =
      desk_.ask(call.part("agent"), [this, number](const protocol::Grant& grant) {
        if (const auto waiting = take(number)) answer_json(*waiting->exchange, to_json(grant));
      });
  {
    const std::scoped_lock guard(mutex_);
    if (const auto waiting = waiting_.find(number); waiting != waiting_.end())
      waiting->second.ticket = ticket;
  }
  call.exchange->on_left([this, number, ticket] {
    take(number);
    desk_.leave(ticket);
  });
}

void AgentEndpoints::heartbeat(const Call& call) {
  RosterEntry* const entry = speaker(call);
  if (entry == nullptr) return;
  const auto heartbeat = protocol::message_from_json<protocol::Heartbeat>(call.request().body);
  if (!heartbeat) return answer_problem(call, heartbeat.error());
  if (heartbeat->machine)
    change(*entry, [&](RosterEntry& changed) { changed.machine = heartbeat->machine; });
  answer_json(
      *call.exchange,
      to_json(protocol::HeartbeatReply{desk_.renew(call.part("agent"), heartbeat->attempts)}));
}

void AgentEndpoints::append(const Call& call) {
  if (speaker(call) == nullptr) return;
  const auto piece = piece_of(call.request());
  if (!piece) return answer_problem(call, piece.error());
  const auto size = desk_.append(call.part("agent"), piece->word, piece->file, piece->offset,
                                 call.request().body);
  if (!size) return answer_problem(call, size.error());
  answer_json(call, to_json(protocol::FileReply{*size}));
  if (hooks_.on_append) hooks_.on_append(piece->word.attempt.run, piece->word.attempt.job);
}

void AgentEndpoints::journal(const Call& call) {
  if (speaker(call) == nullptr) return;
  const auto word = word_of(call.request());
  if (!word) return answer_problem(call, word.error());
  const auto ask = protocol::message_from_json<protocol::JournalAsk>(call.request().body);
  if (!ask) return answer_problem(call, ask.error());
  if (!hooks_.answer_journal)
    return call.exchange->answer(http::problem(404, "there is no journal"));
  hooks_.answer_journal(call, *word, *ask);
}

void AgentEndpoints::list(const Call& call) {
  json::array agents;
  for (const auto& [name, entry] : roster_.all())
    agents.push_back(json_of(roster_, entry, program_, clock_.now()));
  answer_json(call, json::serialize(json::object{{"agents", std::move(agents)}}) + "\n");
}

void AgentEndpoints::pause(const Call& call, bool is_paused) {
  RosterEntry* const entry = roster_.find(call.part("agent"));
  if (entry == nullptr) return call.exchange->answer(http::problem(404, "there is no such agent"));
  change(*entry, [is_paused](RosterEntry& changed) { changed.is_paused = is_paused; });
  answer_json(call, json::serialize(json_of(roster_, *entry, program_, clock_.now())) + "\n");
}

void AgentEndpoints::change(RosterEntry& entry, const std::function<void(RosterEntry&)>& how) {
  const bool took_work = roster_.takes_work(entry);
  how(entry);
  if (roster_.takes_work(entry) == took_work) return;
  desk_.set_takes(entry.hello.agent,
                  took_work ? link::LeaseBoard::Takes::nothing : link::LeaseBoard::Takes::work);
}

void AgentEndpoints::advance() {
  std::vector<Waiting> over;
  {
    const std::scoped_lock guard(mutex_);
    const base::TimePoint now = clock_.now();
    std::erase_if(waiting_, [&](auto& entry) {
      // One that the desk has not said the ticket of is being asked for just now.
      const bool is_over = (is_closed_ || entry.second.until <= now) && entry.second.ticket != 0;
      if (is_over) over.push_back(std::move(entry.second));
      return is_over;
    });
  }
  for (const Waiting& waiting : over) {
    desk_.leave(waiting.ticket);
    answer_nothing(*waiting.exchange);
  }
}

std::optional<base::TimePoint> AgentEndpoints::deadline() {
  const std::scoped_lock guard(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->second.until;
}

void AgentEndpoints::close() {
  {
    const std::scoped_lock guard(mutex_);
    is_closed_ = true;
  }
  advance();
}

}  // namespace pipeline::server
