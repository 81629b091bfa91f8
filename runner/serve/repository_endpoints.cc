#include "runner/serve/repository_endpoints.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "agents/http/server_address.h"
#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/forge/commit_status.h"
#include "runner/serve/protection_endpoints.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/forge_token.h"
#include "runner/store/names.h"
#include "runner/store/token.h"
#include "runner/store/webhook_secret.h"
#include "stages/host/remove.h"
#include "stages/source/bare_repository.h"
#include "stages/source/location.h"
#include "stages/source/refs.h"

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
using store::ForkPullRequests;
using store::RepositoryEntry;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;
// Of a repository that nobody tells of.
constexpr base::Duration kUsualPoll = std::chrono::minutes(5);
constexpr base::Duration kShortestPoll = std::chrono::seconds(1);
constexpr std::string_view kNever = "never";
constexpr const char* kUsualRule = "approve-first";

constexpr std::array<std::pair<ForkPullRequests, std::string_view>, 3> kRules = {
    {{ForkPullRequests::ignore, "ignore"},
     {ForkPullRequests::run, "run"},
     {ForkPullRequests::approve_first, kUsualRule}}};

std::string_view word_of(ForkPullRequests rule) {
  return std::ranges::find(kRules, rule, &std::pair<ForkPullRequests, std::string_view>::first)
      ->second;
}

std::optional<ForkPullRequests> rule_of(std::string_view word) {
  for (const auto& [rule, name] : kRules)
    if (name == word) return rule;
  return std::nullopt;
}

json::object json_of(const RepositoryEntry& entry) {
  json::object object{{"name", entry.name}, {"added_at", base::format_timestamp(entry.added_at)}};
  // Credentials in it are the server's.
  if (entry.url) object["url"] = source::without_credentials(*entry.url);
  object["hosted"] = !entry.url.has_value();
  if (entry.forge) {
    object["forge"] = forge::to_string(*entry.forge);
    object["fork_pull_requests"] = word_of(entry.fork_pull_requests);
  }
  if (entry.poll) object["poll"] = base::format_duration(*entry.poll);
  object["public_status"] = entry.is_status_public;
  return object;
}

// Of a forge: it goes into a field of a request.
Result<> check_token(const std::string& token) {
  constexpr std::size_t kLongest = 4096;
  const bool is_plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
  if (is_plain && token.size() <= kLongest) return {};
  return base::fail(Error(ErrorKind::invalid, "this is no token of a forge")
                        .hint("it is one word of printable characters"));
}

Result<std::optional<std::string>> api_url_in(const std::string& text) {
  if (text == "derived") return std::optional<std::string>();
  PIPELINE_TRY(http_client::ServerAddress::parse(text));
  return std::optional(text);
}

Error is_none_of(std::string_view what, const std::string& text, const std::string& hint) {
  return Error(ErrorKind::invalid,
               "there is no " + std::string(what) + " \"" + base::printable(text) + '"')
      .hint(hint);
}

Result<std::optional<base::Duration>> poll_of(const std::optional<std::string>& text,
                                              const RepositoryEntry& entry) {
  if (!text) return entry.forge ? std::nullopt : std::optional(kUsualPoll);
  if (*text == kNever) return std::optional<base::Duration>();
  auto every = base::parse_duration(*text);
  if (!every)
    return base::during(std::move(every), "read the interval \"" + base::printable(*text) + '"');
  if (*every >= kShortestPoll) return std::optional(*every);
  return base::fail(Error(ErrorKind::invalid, "\"" + *text + "\" is too often to look")
                        .hint("once a second is the most; never means not at all"));
}

// How the server learns of what happens in one that is elsewhere.
Result<> read_tidings(const json::object& object, RepositoryEntry& entry) {
  PIPELINE_ASSIGN(const auto forge, text_in(object, "forge"));
  PIPELINE_ASSIGN(const auto poll, text_in(object, "poll"));
  PIPELINE_ASSIGN(const auto forks, text_in(object, "fork_pull_requests"));
  if (!entry.url && (forge || poll || forks))
    return base::fail(
        Error(ErrorKind::invalid, "a repository that is hosted here needs no telling")
            .hint("--forge and --poll are for one that is elsewhere: --url says where"));
  if (!entry.url) return {};
  if (forge && !(entry.forge = forge::forge_of(*forge)))
    return base::fail(is_none_of("forge", *forge, "there are github, gitlab, gitea and forgejo"));
  if (forks && !rule_of(*forks))
    return base::fail(is_none_of("rule for pull requests of forks", *forks,
                                 "there are approve-first, run and ignore"));
  if (forks && !entry.forge)
    return base::fail(Error(ErrorKind::invalid, "nobody tells of pull requests there")
                          .hint("--forge says whose webhooks do"));
  if (entry.forge) entry.fork_pull_requests = *rule_of(forks.value_or(kUsualRule));
  PIPELINE_ASSIGN(entry.poll, poll_of(poll, entry));
  return {};
}

Result<RepositoryEntry> repository_in(const Call& call, base::TimePoint now) {
  PIPELINE_ASSIGN(const json::object object, object_in(call));
  PIPELINE_ASSIGN(const auto name, text_in(object, "name"));
  RepositoryEntry entry{.name = name.value_or(""), .added_at = now};
  PIPELINE_ASSIGN(entry.url, text_in(object, "url"));
  PIPELINE_TRY(store::check_name("a repository", entry.name));
  if (entry.url) PIPELINE_TRY(source::parse_location(*entry.url));
  PIPELINE_TRY(read_tidings(object, entry));
  return entry;
}

}  // namespace

std::vector<Endpoint> RepositoryEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (RepositoryEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    if (endpoint.method == "GET") endpoint.about = api::About::asks_itself;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  return {
      make("POST", "/api/v1/repositories",
           "Makes a repository known, or hosts a new one; the secret of its webhook is shown this "
           "once.",
           Scope::admin, &RepositoryEndpoints::add),
      make("POST", "/api/v1/repositories/{name}",
           "Changes how a repository is told of: \"api_token\" and \"api_url\" of its forge, "
           "\"public_status\".",
           Scope::admin, &RepositoryEndpoints::change),
      make("GET", "/api/v1/repositories", "The repositories that are known.", Scope::read,
           &RepositoryEndpoints::list),
      make("DELETE", "/api/v1/repositories/{name}",
           "Forgets a repository; one that is hosted here has to be empty.", Scope::admin,
           &RepositoryEndpoints::remove),
  };
}

void RepositoryEndpoints::add(const Call& call) {
  const auto entry = repository_in(call, parts_.clock.now());
  if (!entry) return answer_problem(call, entry.error());
  call.tell(entry->name + (entry->url ? " at " + source::without_credentials(*entry->url)
                                      : std::string(", hosted here")));
  const auto secret = keep(*entry);
  if (!secret) return answer_problem(call, secret.error());
  if (entry->url) parts_.lookout.watch(*entry);
  parts_.on_change(entry->name);
  json::object body = shown(*entry);
  if (*secret) body["webhook"] = {{"path", "/api/v1/hooks/" + entry->name}, {"secret", **secret}};
  answer_json(call, body, 201);
}

Result<std::optional<std::string>> RepositoryEndpoints::keep(const RepositoryEntry& entry) {
  PIPELINE_ASSIGN(const auto other, parts_.repositories.find(entry.name));
  // It keeps what is its own.
  if (!other) PIPELINE_TRY(forget(entry.name));
  // Before it is known: what is known is there.
  if (!entry.url) PIPELINE_TRY(source::make_bare_repository(parts_.paths.repository(entry.name)));
  PIPELINE_TRY(parts_.repositories.add(entry));
  if (!entry.forge) return std::optional<std::string>();
  std::string secret = store::make_webhook_secret();
  const auto kept = parts_.secrets.set(
      {.id = store::webhook_secret_of(entry.name), .set_at = entry.added_at}, secret);
  if (kept) return std::optional(std::move(secret));
  // Without it the webhook would be refused for good.
  (void)parts_.repositories.remove(entry.name);
  return base::fail(kept.error());
}

json::object RepositoryEndpoints::shown(const RepositoryEntry& entry) const {
  json::object object = json_of(entry);
  const auto protections = parts_.protections.list(entry.name);
  if (protections && !protections->empty()) object["protections"] = serve::json_of(*protections);
  if (!entry.forge) return object;
  const auto place = forge::place_of(*entry.forge, entry.url.value_or(""), entry.api_url);
  if (place) object["api_url"] = place->api_url;
  const auto token = parts_.secrets.get(store::forge_token_of(entry.name));
  object["has_api_token"] = token && token->has_value();
  return object;
}

void RepositoryEndpoints::change(const Call& call) {
  const auto wish = object_in(call);
  if (!wish) return answer_problem(call, wish.error());
  const auto entry = changed(call, *wish);
  if (!entry) return answer_problem(call, entry.error());
  answer_json(call, shown(*entry));
}

Result<RepositoryEntry> RepositoryEndpoints::changed(const Call& call, const json::object& wish) {
  const std::string& name = call.part("name");
  PIPELINE_ASSIGN(const auto known, parts_.repositories.find(name));
  if (!known) return base::fail(ErrorKind::not_found, "there is no such repository");
  RepositoryEntry entry = *known;
  PIPELINE_ASSIGN(const auto token, text_in(wish, "api_token"));
  PIPELINE_ASSIGN(const auto api_url, text_in(wish, "api_url"));
  PIPELINE_ASSIGN(const auto is_public, text_in(wish, "public_status"));
  if ((token || api_url) && !entry.forge) {
    return base::fail(Error(ErrorKind::invalid, name + " is of no forge")
                          .hint("one that is: pipeline repo add NAME --url URL --forge FORGE"));
  }
  if (api_url) {
    PIPELINE_ASSIGN(entry.api_url, api_url_in(*api_url));
  }
  if (is_public && *is_public != "yes" && *is_public != "no")
    return base::fail(is_none_of("public status", *is_public, "there are yes and no"));
  if (is_public) entry.is_status_public = *is_public == "yes";
  if (token) PIPELINE_TRY(check_token(*token));
  // What follows from a URL that says nothing is found out by whoever asks for it, not by his runs.
  if (entry.forge && (token || api_url))
    PIPELINE_TRY(forge::place_of(*entry.forge, entry.url.value_or(""), entry.api_url));
  call.tell(token ? "with a new token of its forge" : "");
  const store::SecretId id = store::forge_token_of(name);
  if (token && token->empty()) PIPELINE_TRY(parts_.secrets.remove(id));
  if (token && !token->empty())
    PIPELINE_TRY(parts_.secrets.set({.id = id, .set_at = parts_.clock.now()}, *token));
  PIPELINE_TRY(parts_.repositories.change(entry));
  return entry;
}

void RepositoryEndpoints::list(const Call& call) {
  const auto all = parts_.repositories.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all)
    if (call.caller.may(Scope::read, {entry.name})) list.push_back(shown(entry));
  answer_json(call, json::object{{"repositories", std::move(list)}});
}

// Nobody's history is removed by one word.
void RepositoryEndpoints::remove(const Call& call) {
  const std::string& name = call.part("name");
  const auto entry = parts_.repositories.find(name);
  if (!entry) return answer_problem(call, entry.error());
  if (!*entry) return call.exchange->answer(http::problem(404, "there is no such repository"));
  const auto place = parts_.paths.repository(name);
  const bool is_hosted = !(*entry)->url;
  if (is_hosted) {
    const auto refs = source::refs_at(place.string());
    if (refs && !refs->empty())
      return call.exchange->answer(http::problem(
          Error(ErrorKind::conflict, name + " is hosted here and is not empty")
              .hint("to give it up for good, remove " + place.string() + " on the server first")));
  }
  parts_.lookout.forget(name);
  if (const auto removed = parts_.repositories.remove(name); !removed)
    return answer_problem(call, removed.error());
  if (is_hosted) (void)host::remove_all(place);
  if (const auto forgotten = forget(name); !forgotten)
    return answer_problem(call, forgotten.error());
  parts_.on_change(name);
  answer_nothing(call);
}

Result<> RepositoryEndpoints::forget(const std::string& name) {
  PIPELINE_TRY(parts_.secrets.remove(store::webhook_secret_of(name)));
  PIPELINE_TRY(parts_.secrets.remove(store::forge_token_of(name)));
  PIPELINE_TRY(parts_.deliveries.forget(name));
  PIPELINE_TRY(parts_.pull_requests.forget(name));
  PIPELINE_TRY(parts_.roles.forget(name));
  PIPELINE_TRY(parts_.environments.forget(name));
  PIPELINE_TRY(parts_.protections.forget(name));
  return host::remove_all(parts_.paths.seen_refs(name));
}

}  // namespace pipeline::serve
