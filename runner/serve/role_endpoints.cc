#include "runner/serve/role_endpoints.h"

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/serve/grant_json.h"
#include "runner/serve/hosted.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

json::object json_of(const store::RoleEntry& entry) {
  json::object object = serve::json_of(entry.grant);
  object["subject"] = to_string(entry.subject);
  object["granted_at"] = base::format_timestamp(entry.granted_at);
  return object;
}

Result<access::Role> role_in(const json::object& object) {
  PIPELINE_ASSIGN(const auto word, api::text_in(object, "role"));
  if (const auto role = access::role_of(word.value_or(""))) return *role;
  return base::fail(
      Error(ErrorKind::invalid, "there is no role \"" + base::printable(word.value_or("")) + '"')
          .hint("there are viewer, runner, approver, deployer and admin"));
}

Result<store::RoleEntry> entry_in(const Call& call, base::TimePoint now) {
  PIPELINE_ASSIGN(const json::object object, api::object_in(call));
  PIPELINE_ASSIGN(const auto subject, api::text_in(object, "subject"));
  PIPELINE_ASSIGN(const auto repository, api::text_in(object, "repository"));
  PIPELINE_ASSIGN(const auto environment, api::text_in(object, "environment"));
  if (!subject || !repository)
    return base::fail(ErrorKind::invalid, R"("subject" and "repository" have to be there)");
  store::RoleEntry entry{
      .subject = access::parse_subject(*subject), .grant = {}, .granted_at = now};
  PIPELINE_ASSIGN(entry.grant.role, role_in(object));
  entry.grant.repository = *repository;
  entry.grant.environment = environment.value_or("");
  PIPELINE_TRY(access::check(entry.grant));
  return entry;
}

// "deployer of shop, environment staging: group:release".
std::string described(const store::RoleEntry& entry) {
  std::string text(to_string(entry.grant.role));
  text += " of " + entry.grant.repository;
  if (!entry.grant.environment.empty()) text += ", environment " + entry.grant.environment;
  return text + ": " + to_string(entry.subject);
}

}  // namespace

std::vector<api::Endpoint> RoleEndpoints::endpoints() {
  const auto subject = api::text_parameter("subject", "whose: a user, or group:NAME");
  const auto repository = api::text_parameter("repository", "where, or * for everywhere");
  const auto environment = api::text_parameter("environment", "in that environment only");
  return {{.method = "POST",
           .path = "/api/v1/roles",
           .summary = "Gives a user or a group a role in a place, instead of the one it had there.",
           .scope = api::Scope::admin,
           .largest_body = kLargestMessage,
           .handle = [this](const Call& call) { grant(call); }},
          {.method = "GET",
           .path = "/api/v1/roles",
           .summary = "Who has which role where.",
           .scope = api::Scope::admin,
           .handle = [this](const Call& call) { list(call); }},
          {.method = "DELETE",
           .path = "/api/v1/roles",
           .summary = "Takes the role of a user or a group in a place away.",
           .scope = api::Scope::admin,
           .handle = [this](const Call& call) { revoke(call); },
           .query = {subject, repository, environment}}};
}

void RoleEndpoints::grant(const Call& call) {
  const auto entry = entry_in(call, clock_.now());
  if (!entry) return answer_problem(call, entry.error());
  call.tell(described(*entry));
  if (entry->grant.repository != access::kEverywhere) {
    const auto known = repositories_.find(entry->grant.repository);
    if (!known) return answer_problem(call, known.error());
    // One that comes to be called so later is another's.
    if (!*known) return answer_problem(call, no_repository(entry->grant.repository));
  }
  if (const auto set = roles_.set(*entry); !set) return answer_problem(call, set.error());
  answer_json(call, json_of(*entry), 201);
}

void RoleEndpoints::list(const Call& call) {
  const auto all = roles_.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) list.push_back(json_of(entry));
  answer_json(call, json::object{{"roles", std::move(list)}});
}

void RoleEndpoints::revoke(const Call& call) {
  const auto text = [&](const char* name) {
    return std::string(call.request().target.parameter(name).value_or(""));
  };
  const access::Place place{text("repository"), text("environment")};
  const std::string subject = text("subject");
  call.tell(subject + " in " + place.repository +
            (place.environment.empty() ? "" : ", environment " + place.environment));
  const auto removed = roles_.remove(access::parse_subject(subject), place);
  if (!removed) return answer_problem(call, removed.error());
  if (!*removed)
    return call.exchange->answer(
        http::problem(Error(ErrorKind::not_found, base::printable(subject) + " has no role there")
                          .hint("pipeline role list shows who has which")));
  api::answer_nothing(call);
}

}  // namespace pipeline::serve
