#include "runner/serve/admin_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/names.h"
#include "runner/store/token.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_nothing;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::object_in;
using api::Scope;
using api::text_in;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kAgent = api::to_string(Scope::agent);
constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

json::object json_of(const store::TokenEntry& entry) {
  json::object object{{"name", entry.name},
                      {"scopes", json::array(entry.scopes.begin(), entry.scopes.end())},
                      {"created_at", base::format_timestamp(entry.created_at)}};
  if (entry.user) object["user"] = *entry.user;
  if (entry.is_session) object["session"] = true;
  if (entry.labels) object["labels"] = json::array(entry.labels->begin(), entry.labels->end());
  if (entry.expires_at) object["expires_at"] = base::format_timestamp(*entry.expires_at);
  return object;
}

// None: it is not said which.
Result<std::optional<std::vector<std::string>>> labels_in(const json::object& object) {
  const auto* const member = object.if_contains("labels");
  if (member == nullptr) return std::optional<std::vector<std::string>>();
  if (!member->is_array() || member->get_array().empty())
    return base::fail(ErrorKind::invalid, "\"labels\" has to be a list of at least one");
  std::vector<std::string> labels;
  for (const json::value& label : member->get_array()) {
    if (!label.is_string()) return base::fail(ErrorKind::invalid, "a label has to be a text");
    labels.emplace_back(label.get_string());
    PIPELINE_TRY(store::check_name("a label", labels.back()));
  }
  return std::optional(std::move(labels));
}

Result<store::TokenEntry> token_in(const Call& call, base::TimePoint now) {
  PIPELINE_ASSIGN(const json::object object, object_in(call));
  PIPELINE_ASSIGN(const auto name, text_in(object, "name"));
  store::TokenEntry entry{.name = name.value_or(""), .scopes = {}, .created_at = now};
  PIPELINE_TRY(store::check_name("a token", entry.name));
  const auto* const scopes = object.if_contains("scopes");
  if (scopes == nullptr || !scopes->is_array() || scopes->get_array().empty())
    return base::fail(ErrorKind::invalid, "\"scopes\" has to be a list of at least one");
  for (const json::value& scope : scopes->get_array()) {
    if (!scope.is_string() || !api::scope_of(std::string_view(scope.get_string())))
      return base::fail(Error(ErrorKind::invalid, "there is no scope " + json::serialize(scope))
                            .hint("there are read, run, approve, deploy, agent, flags and admin"));
    entry.scopes.emplace_back(scope.get_string());
  }
  PIPELINE_ASSIGN(entry.user, text_in(object, "user"));
  const bool is_for_agents = std::ranges::find(entry.scopes, kAgent) != entry.scopes.end();
  if (entry.user && is_for_agents)
    return base::fail(Error(ErrorKind::invalid, "an agent is no person")
                          .hint("a token with the scope agent has no user"));
  PIPELINE_ASSIGN(entry.labels, labels_in(object));
  if (entry.labels && !is_for_agents)
    return base::fail(Error(ErrorKind::invalid, "labels are what agents have")
                          .hint("a token with the scope agent may name them"));
  PIPELINE_ASSIGN(const auto expires, text_in(object, "expires_at"));
  if (expires) {
    PIPELINE_ASSIGN(entry.expires_at, base::parse_timestamp(*expires));
  }
  return entry;
}

}  // namespace

std::vector<Endpoint> AdminEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary,
                           std::optional<Scope> scope,
                           void (AdminEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  Endpoint logout =
      make("DELETE", "/api/v1/me/token", "Revokes the token that this is called with.", Scope::read,
           &AdminEndpoints::end_session);
  logout.about = api::About::asks_itself;
  return {
      logout,
      make("POST", "/api/v1/tokens", "Makes a token; it is shown this once.", Scope::admin,
           &AdminEndpoints::add_token),
      make("GET", "/api/v1/tokens", "The names of tokens and what they may do.", Scope::admin,
           &AdminEndpoints::list_tokens),
      make("DELETE", "/api/v1/tokens/{name}", "Revokes a token.", Scope::admin,
           &AdminEndpoints::remove_token),
  };
}

void AdminEndpoints::add_token(const Call& call) {
  const auto entry = token_in(call, clock_.now());
  if (!entry) return answer_problem(call, entry.error());
  call.tell(entry->name + (entry->user ? " of " + *entry->user : "") + ": " +
            base::join(entry->scopes, ", ") +
            (entry->labels ? " with labels " + base::join(*entry->labels, ", ") : ""));
  if (const auto checked = check_owner(*entry); !checked)
    return answer_problem(call, checked.error());
  const std::string token = store::make_token();
  if (const auto added = tokens_.add(*entry, store::digest_of_token(token)); !added)
    return answer_problem(call, added.error());
  json::object body = json_of(*entry);
  body["token"] = token;
  answer_json(call, body, 201);
}

void AdminEndpoints::list_tokens(const Call& call) {
  const auto all = tokens_.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) list.push_back(json_of(entry));
  answer_json(call, json::object{{"tokens", std::move(list)}});
}

void AdminEndpoints::remove_token(const Call& call) {
  const auto removed = tokens_.remove(call.part("name"));
  if (!removed) return answer_problem(call, removed.error());
  if (!*removed) return call.exchange->answer(http::problem(404, "there is no such token"));
  answer_nothing(call);
}

// A service's has somebody who put it somewhere, and would miss it.
void AdminEndpoints::end_session(const Call& call) {
  if (!call.caller.person)
    return answer_problem(call,
                          Error(ErrorKind::invalid, "this token is a service's, not a session")
                              .hint("pipeline token remove " + call.caller.token + " revokes it"));
  call.tell(call.caller.token);
  if (const auto removed = tokens_.remove(call.caller.token); !removed)
    return answer_problem(call, removed.error());
  answer_nothing(call);
}

Result<> AdminEndpoints::check_owner(const store::TokenEntry& entry) {
  PIPELINE_ASSIGN(const auto namesake, users_.find(entry.name));
  if (!namesake || entry.user == entry.name) return {};
  return base::fail(Error(ErrorKind::already_exists,
                          "there is a user \"" + entry.name + "\", whose name this would be")
                        .hint("--user " + entry.name + " makes it his"));
}

}  // namespace pipeline::serve
