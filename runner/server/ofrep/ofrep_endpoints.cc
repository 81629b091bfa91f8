#include "runner/server/ofrep/ofrep_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/server/http/target.h"
#include "runner/server/ofrep/evaluation_messages.h"
#include "stages/host/hash.h"

namespace pipeline::ofrep {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::Call;
using api::Endpoint;
using api::Scope;
using deploy::EnvironmentKey;
using toggles::FlagsInService;

constexpr std::uint64_t kLargestContext = std::uint64_t{64} << 10U;
constexpr const char* kTicket = "ticket";

EnvironmentKey key_in(const Call& call) {
  return {call.part("pipeline"), call.part("environment")};
}

std::string base_of(const EnvironmentKey& key) {
  return "/flags/" + http::escape(key.pipeline) + "/" + http::escape(key.environment) + "/ofrep/v1";
}

Refusal nothing_serves(const EnvironmentKey& key) {
  return {.status = 404,
          .code = "FLAG_NOT_FOUND",
          .details = "nothing was ever deployed to " + key.pipeline + "/" + key.environment};
}

// Why the flags of an environment cannot be evaluated.
std::optional<Refusal> refusal_of(const FlagsInService& flags) {
  if (flags.file) return std::nullopt;
  return Refusal{.code = "PARSE_ERROR", .details = flags.file.error().to_string()};
}

void refuse(const Call& call, const Refusal& refusal, std::string_view flag = {}) {
  answer_json(call, json_of(refusal, flag), refusal.status);
}

// RFC 9110, section 13.1.2: a list of tags, weak or not, or a star.
bool is_known(const http::Request& request, const std::string& tag) {
  const auto field = request.fields.find("If-None-Match");
  if (!field) return false;
  const auto known = base::split(*field, ',');
  return std::ranges::any_of(known, [&](std::string_view one) {
    one = base::trim(one);
    if (one.starts_with("W/")) one.remove_prefix(2);
    return one == tag || one == "*";
  });
}

// Answers with the body, or that it is what the caller has.
void answer_tagged(const Call& call, const std::string& tag, std::string body) {
  const bool known = is_known(call.request(), tag);
  http::Response response;
  response.status = 304;
  if (!known) response = http::text_response(200, "application/json", std::move(body) + "\n");
  response.fields.add("ETag", tag);
  response.fields.add("Cache-Control", "no-cache");
  call.exchange->answer(std::move(response));
}

std::string tag_of(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  return '"' + host::sha256(text).hex().substr(0, kDigits) + '"';
}

json::object description_of(const FlagsInService& flags) {
  return {{"pipeline", flags.key.pipeline},
          {"environment", flags.key.environment},
          {"release", flags.release}};
}

}  // namespace

std::vector<Endpoint> OfrepEndpoints::endpoints() {
  const auto make = [this](const char* method, const std::string& path, const char* summary,
                           std::optional<Scope> scope,
                           void (OfrepEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method,
                      .path = "/flags/{pipeline}/{environment}/ofrep/v1" + path,
                      .summary = summary,
                      .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestContext;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  Endpoint events =
      make("GET", "/events", "Tells when flags change; its address is in bulk evaluations.",
           std::nullopt, &OfrepEndpoints::listen);
  events.proof = api::Proof::of_its_own;
  events.query = {api::text_parameter(kTicket, "of that address")};
  events.query.front().is_required = true;
  Endpoint all = make("POST", "/evaluate/flags", "Evaluates all flags (OFREP).", Scope::flags,
                      &OfrepEndpoints::evaluate_all);
  // What is served here is always the newest.
  all.query = {api::text_parameter("flagConfigEtag", "of the event that made the caller ask"),
               api::text_parameter("flagConfigLastModified", "likewise")};
  return {make("POST", "/evaluate/flags/{key}", "Evaluates one flag (OFREP).", Scope::flags,
               &OfrepEndpoints::evaluate),
          std::move(all),
          make("GET", "/configuration", "What providers may expect (OFREP before 0.2).",
               Scope::flags, &OfrepEndpoints::configuration),
          std::move(events)};
}

void OfrepEndpoints::evaluate(const Call& call) {
  const std::string& flag = call.part("key");
  const auto context = context_in(call.request().body);
  if (!context) return refuse(call, context.error(), flag);
  const auto served = find_(key_in(call));
  if (!served) return refuse(call, nothing_serves(key_in(call)), flag);
  if (const auto refusal = refusal_of(*served->flags)) return refuse(call, *refusal, flag);
  const Answer answer = evaluate_one(served->flags->served, flag, *context, clock_.now());
  answer_json(call, answer.body, answer.status);
}

void OfrepEndpoints::evaluate_all(const Call& call) {
  const auto context = context_in(call.request().body);
  if (!context) return refuse(call, context.error());
  const EnvironmentKey key = key_in(call);
  const auto served = find_(key);
  if (!served) return refuse(call, nothing_serves(key));
  const FlagsInService& flags = *served->flags;
  if (const auto refusal = refusal_of(flags)) return refuse(call, *refusal);
  json::object body{{"flags", ofrep::evaluate_all(flags.served, *context, clock_.now())},
                    {"metadata", description_of(flags)}};
  // Before what is not of the flags: the tag says whether those are the same.
  const std::string tag = tag_of(json::serialize(body));
  json::object place{{"requestUri", base_of(key) + "/events?ticket=" + tickets_().of(key)}};
  body["eventStreams"] = json::array{json::object{{"type", "sse"}, {"endpoint", std::move(place)}}};
  answer_tagged(call, tag, json::serialize(body));
}

void OfrepEndpoints::configuration(const Call& call) {
  constexpr int kShortestPoll = 1000;  // milliseconds
  const json::object polling{{"enabled", true}, {"minPollingIntervalMs", kShortestPoll}};
  const json::array types{"boolean", "string", "int", "float", "object"};
  const json::object capabilities{{"cacheInvalidation", json::object{{"polling", polling}}},
                                  {"flagEvaluation", json::object{{"supportedTypes", types}}},
                                  {"caching", json::object{{"enabled", false}}}};
  std::string body =
      json::serialize(json::object{{"name", "pipeline"}, {"capabilities", capabilities}});
  const std::string tag = tag_of(body);
  answer_tagged(call, tag, std::move(body));
}

void OfrepEndpoints::listen(const Call& call) {
  const EnvironmentKey key = key_in(call);
  const auto ticket = call.request().target.parameter(kTicket);
  if (!ticket || !tickets_().is_good(*ticket, key))
    return call.exchange->answer(
        http::problem(401, "this ticket is not valid; a bulk evaluation has one"));
  call.is_proven();
  const auto served = find_(key);
  if (!served) return refuse(call, nothing_serves(key));
  const auto seen = call.request().fields.find("Last-Event-ID");
  changes_.follow(key, seen.value_or(""), {served->flags->revision, served->since}, call.exchange);
}

}  // namespace pipeline::ofrep
