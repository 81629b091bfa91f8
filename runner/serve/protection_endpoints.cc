#include "runner/serve/protection_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/glob.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/serve/hosted.h"
#include "runner/server/api/json_call.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Scope;
using base::Error;
using base::ErrorKind;
using base::Result;
using store::Protection;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;
constexpr const char* kPath = "/api/v1/repositories/{name}/protections";

json::object json_of_one(const Protection& protection) {
  return {{"branches", protection.branches},
          {"wait_for_pipeline", protection.waits_for_pipeline},
          {"allow_force", protection.allows_force},
          {"role", to_string(protection.role)}};
}

json::object json_of(const store::WaitingPush& push) {
  return {{"branch", push.branch},
          {"commit", push.commit},
          {"who", push.who},
          {"at", base::format_timestamp(push.at)}};
}

bool is_true(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Result<access::Role> role_in(const std::string& word) {
  const auto role = access::role_of(word);
  if (role && *role != access::Role::viewer) return *role;
  return base::fail(
      Error(ErrorKind::invalid, "nobody pushes with the role \"" + base::printable(word) + '"')
          .hint("there are runner, approver, deployer and admin"));
}

Result<Protection> protection_in(const Call& call) {
  PIPELINE_ASSIGN(const json::object object, api::object_in(call));
  PIPELINE_ASSIGN(const auto branches, api::text_in(object, "branches"));
  PIPELINE_ASSIGN(const auto role, api::text_in(object, "role"));
  Protection protection{.repository = call.part("name"),
                        .branches = branches.value_or(""),
                        .waits_for_pipeline = is_true(object, "wait_for_pipeline"),
                        .allows_force = is_true(object, "allow_force")};
  auto pattern = base::Glob::compile(protection.branches);
  if (!pattern) return base::during(std::move(pattern), "read the pattern of branches");
  PIPELINE_ASSIGN(protection.role, role_in(role.value_or("runner")));
  if (protection.waits_for_pipeline && protection.allows_force)
    return base::fail(ErrorKind::invalid,
                      "a branch that waits for its pipeline is never forced elsewhere");
  return protection;
}

}  // namespace

json::array json_of(const std::vector<Protection>& protections) {
  json::array list;
  for (const Protection& one : protections) list.push_back(json_of_one(one));
  return list;
}

std::vector<api::Endpoint> ProtectionEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* summary, Scope scope,
                           void (ProtectionEndpoints::*handle)(const Call&)) {
    api::Endpoint endpoint{.method = method, .path = kPath, .summary = summary, .scope = scope};
    endpoint.about = api::About::asks_itself;
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  api::Endpoint remove =
      make("DELETE", "Leaves branches unprotected.", Scope::admin, &ProtectionEndpoints::unprotect);
  remove.query = {api::text_parameter("branches", "the pattern that they were protected by")};
  return {make("POST",
               "Protects the \"branches\" of a hosted repository that a pattern fits; "
               "\"wait_for_pipeline\": a push is taken when its runs have succeeded.",
               Scope::admin, &ProtectionEndpoints::protect),
          make("GET", "Protected branches of a repository, and pushes to them that wait.",
               Scope::read, &ProtectionEndpoints::list),
          remove};
}

Result<> ProtectionEndpoints::expect(const Call& call, Scope wanted) {
  const std::string& name = call.part("name");
  PIPELINE_TRY(access_.expect(call.caller, wanted, {name}));
  PIPELINE_ASSIGN(const auto known, repositories_.find(name));
  if (!known) return base::fail(no_repository(name));
  if (!known->url) return {};
  return base::fail(Error(ErrorKind::invalid, name + " is not hosted here")
                        .hint("where it is hosted its branches are protected"));
}

void ProtectionEndpoints::protect(const Call& call) {
  if (const auto may = expect(call, Scope::admin); !may) return answer_problem(call, may.error());
  const auto protection = protection_in(call);
  if (!protection) return answer_problem(call, protection.error());
  call.tell(protection->branches);
  if (const auto set = protections_.set(*protection); !set)
    return answer_problem(call, set.error());
  answer_json(call, json_of_one(*protection), 201);
}

void ProtectionEndpoints::list(const Call& call) {
  if (const auto may = expect(call, Scope::read); !may) return answer_problem(call, may.error());
  const auto all = protections_.list(call.part("name"));
  if (!all) return answer_problem(call, all.error());
  const auto waiting = protections_.waiting();
  if (!waiting) return answer_problem(call, waiting.error());
  json::array pushes;
  for (const auto& push : *waiting)
    if (push.repository == call.part("name")) pushes.push_back(json_of(push));
  answer_json(call,
              json::object{{"protections", serve::json_of(*all)}, {"waiting", std::move(pushes)}});
}

void ProtectionEndpoints::unprotect(const Call& call) {
  if (const auto may = expect(call, Scope::admin); !may) return answer_problem(call, may.error());
  const std::string branches(call.request().target.parameter("branches").value_or(""));
  call.tell(branches);
  const auto removed = protections_.remove(call.part("name"), branches);
  if (!removed) return answer_problem(call, removed.error());
  if (!*removed)
    return answer_problem(
        call, Error(ErrorKind::not_found,
                    "no branches are protected by the pattern \"" + base::printable(branches) + '"')
                  .hint("pipeline repo list shows which are"));
  api::answer_nothing(call);
}

}  // namespace pipeline::serve
