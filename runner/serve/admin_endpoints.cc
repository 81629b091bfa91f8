#include "runner/serve/admin_endpoints.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/names.h"
#include "runner/store/token.h"
#include "stages/host/remove.h"
#include "stages/source/bare_repository.h"
#include "stages/source/location.h"

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

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

json::object json_of(const store::RepositoryEntry& entry) {
  json::object object{{"name", entry.name}, {"added_at", base::format_timestamp(entry.added_at)}};
  // Credentials in it are the server's.
  if (entry.url) object["url"] = source::without_credentials(*entry.url);
  object["hosted"] = !entry.url.has_value();
  return object;
}

json::object json_of(const store::TokenEntry& entry) {
  json::object object{{"name", entry.name},
                      {"scopes", json::array(entry.scopes.begin(), entry.scopes.end())},
                      {"created_at", base::format_timestamp(entry.created_at)}};
  if (entry.expires_at) object["expires_at"] = base::format_timestamp(*entry.expires_at);
  return object;
}

Result<store::RepositoryEntry> repository_in(const Call& call, base::TimePoint now) {
  PIPELINE_ASSIGN(const json::object object, object_in(call));
  PIPELINE_ASSIGN(const auto name, text_in(object, "name"));
  store::RepositoryEntry entry{.name = name.value_or(""), .added_at = now};
  PIPELINE_ASSIGN(entry.url, text_in(object, "url"));
  PIPELINE_TRY(store::check_name("a repository", entry.name));
  if (entry.url) PIPELINE_TRY(source::parse_location(*entry.url));
  return entry;
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
                            .hint("there are read, run, approve, deploy, agent and admin"));
    entry.scopes.emplace_back(scope.get_string());
  }
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
  Endpoint health{
      .method = "GET", .path = "/healthz", .summary = "Whether the server answers.", .scope = {}};
  health.handle = [](const Call& call) {
    call.exchange->answer(http::text_response(200, "text/plain", "ok\n"));
  };
  return {
      health,
      make("POST", "/api/v1/repositories", "Makes a repository known, or hosts a new one.",
           Scope::admin, &AdminEndpoints::add_repository),
      make("GET", "/api/v1/repositories", "The repositories that are known.", Scope::read,
           &AdminEndpoints::list_repositories),
      make("DELETE", "/api/v1/repositories/{name}",
           "Forgets a repository; one that is hosted here has to be empty.", Scope::admin,
           &AdminEndpoints::remove_repository),
      make("POST", "/api/v1/tokens", "Makes a token; it is shown this once.", Scope::admin,
           &AdminEndpoints::add_token),
      make("GET", "/api/v1/tokens", "The names of tokens and what they may do.", Scope::admin,
           &AdminEndpoints::list_tokens),
      make("DELETE", "/api/v1/tokens/{name}", "Revokes a token.", Scope::admin,
           &AdminEndpoints::remove_token),
  };
}

void AdminEndpoints::add_repository(const Call& call) {
  const auto entry = repository_in(call, clock_.now());
  if (!entry) return answer_problem(call, entry.error());
  // Before it is known: what is known is there.
  if (!entry->url)
    if (const auto made = source::make_bare_repository(paths_.repository(entry->name)); !made)
      return answer_problem(call, made.error());
  if (const auto added = repositories_.add(*entry); !added)
    return answer_problem(call, added.error());
  answer_json(call, json_of(*entry), 201);
}

void AdminEndpoints::list_repositories(const Call& call) {
  const auto all = repositories_.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) list.push_back(json_of(entry));
  answer_json(call, json::object{{"repositories", std::move(list)}});
}

// Nobody's history is removed by one word.
void AdminEndpoints::remove_repository(const Call& call) {
  const std::string& name = call.part("name");
  const auto entry = repositories_.find(name);
  if (!entry) return answer_problem(call, entry.error());
  if (!*entry) return call.exchange->answer(http::problem(404, "there is no such repository"));
  const auto place = paths_.repository(name);
  const auto refs = source::refs_of(place);
  if (!(*entry)->url && refs && !refs->empty())
    return call.exchange->answer(http::problem(
        Error(ErrorKind::conflict, name + " is hosted here and is not empty")
            .hint("to give it up for good, remove " + place.string() + " on the server first")));
  if (const auto removed = repositories_.remove(name); !removed)
    return answer_problem(call, removed.error());
  if (!(*entry)->url) (void)host::remove_all(place);
  answer_nothing(call);
}

void AdminEndpoints::add_token(const Call& call) {
  const auto entry = token_in(call, clock_.now());
  if (!entry) return answer_problem(call, entry.error());
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

}  // namespace pipeline::serve
