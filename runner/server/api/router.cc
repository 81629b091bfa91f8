#include "runner/server/api/router.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/server/api/audited_exchange.h"
#include "runner/server/api/basic_credentials.h"
#include "runner/server/api/role_missing.h"
#include "runner/server/http/problem.h"

namespace pipeline::api {

namespace {

using http::problem;
using http::Request;
using http::Response;

constexpr std::string_view kBearer = "Bearer ";

// What stands for the names of `pattern` in `path`; none when it does not match.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        const std::vector<std::string>& path) {
  const std::vector<std::string> parts = base::split(pattern.substr(1), '/');
  std::map<std::string, std::string> named;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i >= path.size()) return std::nullopt;
    const std::string_view part = parts[i];
    if (part.ends_with("...}")) {
      const auto rest = path.begin() + static_cast<std::ptrdiff_t>(i);
      named[std::string(part.substr(1, part.size() - 5))] = base::join({rest, path.end()}, "/");
      return named;
    }
    if (part.starts_with('{')) {
      named[std::string(part.substr(1, part.size() - 2))] = path[i];
    } else if (part != path[i]) {
      return std::nullopt;
    }
  }
  if (parts.size() != path.size()) return std::nullopt;
  return named;
}

// A HEAD is answered as a GET whose body is not sent.
bool is_method(const Endpoint& endpoint, std::string_view method) {
  return endpoint.method == method || (method == "HEAD" && endpoint.method == "GET");
}

// "/runs/{run}" is for what no endpoint names more exactly: "/runs/latest" is another's.
bool is_more_exact(const Endpoint& a, const Endpoint& b) {
  return std::ranges::count(a.path, '{') < std::ranges::count(b.path, '{');
}

std::optional<std::string> token_of(const Request& request) {
  const auto field = request.fields.find("Authorization");
  if (!field) {
    // As OFREP's providers may send it.
    const auto key = request.fields.find("X-API-Key");
    return key ? std::optional(std::string(base::trim(*key))) : std::nullopt;
  }
  if (field->starts_with(kBearer)) return std::string(base::trim(field->substr(kBearer.size())));
  return password_in(*field);
}

Response too_many(base::Duration wait) {
  Response response = problem(429, "too many requests");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  response.fields.add("Retry-After", std::to_string(seconds.count()));
  return response;
}

Response unauthorized(std::string_view detail) {
  Response response = problem(401, detail);
  response.fields.add("WWW-Authenticate", "Bearer");
  // For git, which knows nothing else: the token is the password, the user does not matter.
  response.fields.add("WWW-Authenticate", R"(Basic realm="pipeline")");
  return response;
}

}  // namespace

bool Caller::is_in(const std::string& group) const {
  return person && std::ranges::find(person->groups, group) != person->groups.end();
}

bool Caller::may(Scope wanted) const {
  return std::ranges::any_of(scopes, [&](Scope held) { return allows(held, wanted); });
}

bool Caller::may(Scope wanted, const access::Place& place) const {
  return may(wanted) && (!person || access::allows(person->grants, permission_for(wanted), place));
}

Router::Router(std::vector<Endpoint> endpoints, Authenticate authenticate, const base::Clock& clock,
               Rates rates, OnChange on_change, Authorize authorize)
    : endpoints_(std::move(endpoints)),
      authenticate_(std::move(authenticate)),
      clock_(clock),
      rates_(std::move(rates)),
      on_change_(std::move(on_change)),
      authorize_(std::move(authorize)) {
  std::ranges::stable_sort(endpoints_, is_more_exact);
}

std::optional<Router::Match> Router::find(const Request& request) const {
  for (const Endpoint& endpoint : endpoints_) {
    if (!is_method(endpoint, request.method)) continue;
    if (auto parts = match(endpoint.path, request.target.path))
      return Match{&endpoint, *std::move(parts)};
  }
  return std::nullopt;
}

Response Router::no_such_endpoint(const Request& request) const {
  std::vector<std::string> methods;
  for (const Endpoint& endpoint : endpoints_)
    if (match(endpoint.path, request.target.path)) methods.push_back(endpoint.method);
  if (methods.empty()) return problem(404, "there is nothing at this address");
  std::ranges::sort(methods);
  Response response = problem(405, request.method + " cannot be done here");
  response.fields.add("Allow", base::join(methods, ", "));
  return response;
}

std::optional<Response> Router::refusal(const Request& request, const Match& match,
                                        Caller& caller) {
  const Endpoint& endpoint = *match.endpoint;
  if (!endpoint.scope) {
    const bool is_open = endpoint.proof == Proof::none ||
                         (endpoint.proof == Proof::token_if_given && !token_of(request));
    if (is_open) return std::nullopt;
    if (endpoint.proof == Proof::of_its_own) {
      // Before its body is taken: a flood of large ones would be costly.
      const auto wait = rates_.strangers.take(request.peer, clock_.now());
      return wait ? std::optional(too_many(*wait)) : std::nullopt;
    }
  }
  const auto token = token_of(request);
  if (!token) return unauthorized("a token is needed");
  auto known = authenticate_(*token);
  if (!known) {
    if (const auto wait = rates_.strangers.take(request.peer, clock_.now())) return too_many(*wait);
    return unauthorized("this token is not valid");
  }
  caller = *std::move(known);
  // An agent's word keeps its jobs alive: it is never put off.
  if (endpoint.scope != Scope::agent) {
    RateLimit& rate = endpoint.scope == Scope::flags ? rates_.applications : rates_.callers;
    if (const auto wait = rate.take(caller.name, clock_.now())) return too_many(*wait);
  }
  if (endpoint.scope && !caller.may(*endpoint.scope))
    return problem(403, "the token has not the scope " + std::string(to_string(*endpoint.scope)));
  return refusal_of_roles(request, match, caller);
}

// What nobody can look at is refused.
std::optional<Response> Router::refusal_of_roles(const Request& request, const Match& match,
                                                 const Caller& caller) const {
  const Endpoint& endpoint = *match.endpoint;
  if (endpoint.about == About::asks_itself) return std::nullopt;
  const access::Place everywhere{access::kEverywhere};
  if (caller.may(*endpoint.scope, everywhere)) return std::nullopt;
  if (endpoint.about == About::everything || !authorize_)
    return problem(role_missing(caller, *endpoint.scope, everywhere));
  const auto allowed = authorize_({caller, *endpoint.scope, endpoint, request, match.parts});
  return allowed ? std::nullopt : std::optional(problem(allowed.error()));
}

void Router::note_change(const Endpoint& endpoint, Call& call) const {
  if (!on_change_ || endpoint.method == "GET" || !endpoint.scope ||
      *endpoint.scope == Scope::agent || *endpoint.scope == Scope::flags)
    return;
  const Request& request = call.request();
  call.change = std::make_shared<Change>(
      Change{.who = call.caller.name,
             .peer = request.peer,
             .action = request.method + " /" + base::join(request.target.path, "/"),
             .detail = {}});
  call.exchange = std::make_shared<AuditedExchange>(call.exchange,
                                                    [this, change = call.change](unsigned status) {
                                                      change->status = status;
                                                      if (!change->is_none) on_change_(*change);
                                                    });
}

http::Admission Router::admit(const Request& head) {
  auto found = find(head);
  if (!found) return {.refusal = no_such_endpoint(head)};
  const Endpoint& endpoint = *found->endpoint;
  Caller caller;
  if (auto refused = refusal(head, *found, caller)) return {.refusal = std::move(refused)};
  return {.largest_body = endpoint.largest_body,
          .directory = endpoint.body_directory,
          .handle = [this, &endpoint, parts = std::move(found->parts),
                     caller = std::move(caller)](std::shared_ptr<http::Exchange> exchange) {
            Call call{std::move(exchange), parts, caller};
            if (endpoint.proof == Proof::of_its_own)
              call.is_proven = [this, peer = call.request().peer] {
                rates_.strangers.give_back(peer);
              };
            note_change(endpoint, call);
            endpoint.handle(std::move(call));
          }};
}

}  // namespace pipeline::api
