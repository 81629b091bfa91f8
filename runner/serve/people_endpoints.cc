#include "runner/serve/people_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"
#include "runner/serve/grant_json.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/names.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_nothing;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::Scope;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

json::array json_of(const std::vector<std::string>& words) {
  // In braces it would be an array of the two iterators.
  return json::array(words.begin(), words.end());  // NOLINT(modernize-return-braced-init-list)
}

json::object json_of(const store::UserEntry& entry) {
  json::object object{{"name", entry.name}, {"added_at", base::format_timestamp(entry.added_at)}};
  if (entry.identity) {
    object["issuer"] = entry.identity->issuer;
    object["subject"] = entry.identity->subject;
  }
  return object;
}

json::object json_of(const store::GroupEntry& entry) {
  return {{"name", entry.name},
          {"added_at", base::format_timestamp(entry.added_at)},
          {"members", json_of(entry.members)}};
}

Result<std::string> name_in(const json::object& object, std::string_view what) {
  PIPELINE_ASSIGN(const auto name, api::text_in(object, "name"));
  PIPELINE_TRY(store::check_name(what, name.value_or("")));
  return *name;
}

// What was to be removed was there, or not.
void answer_removed(const Call& call, const Result<bool>& removed, const char* missing) {
  if (!removed) return answer_problem(call, removed.error());
  if (!*removed) return call.exchange->answer(http::problem(404, missing));
  answer_nothing(call);
}

}  // namespace

std::vector<Endpoint> PeopleEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (PeopleEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  Endpoint caller = make("GET", "/api/v1/me", "Who calls, and what that allows.", Scope::read,
                         &PeopleEndpoints::show_caller);
  caller.about = api::About::asks_itself;
  const char* const member = "/api/v1/groups/{group}/members/{user}";
  return {
      caller,
      make("POST", "/api/v1/users", "Makes somebody known.", Scope::admin,
           &PeopleEndpoints::add_user),
      make("GET", "/api/v1/users", "The people who are known.", Scope::admin,
           &PeopleEndpoints::list_users),
      make("DELETE", "/api/v1/users/{name}",
           "Forgets somebody, with his tokens, roles and memberships.", Scope::admin,
           &PeopleEndpoints::remove_user),
      make("POST", "/api/v1/groups", "Makes a group.", Scope::admin, &PeopleEndpoints::add_group),
      make("GET", "/api/v1/groups", "The groups and who is in them.", Scope::admin,
           &PeopleEndpoints::list_groups),
      make("DELETE", "/api/v1/groups/{group}", "Removes a group and its roles.", Scope::admin,
           &PeopleEndpoints::remove_group),
      make("PUT", member, "Puts somebody into a group.", Scope::admin,
           &PeopleEndpoints::add_member),
      make("DELETE", member, "Takes somebody out of a group.", Scope::admin,
           &PeopleEndpoints::remove_member),
  };
}

void PeopleEndpoints::show_caller(const Call& call) {
  const api::Caller& caller = call.caller;
  json::array scopes;
  for (const Scope scope : caller.scopes) scopes.emplace_back(to_string(scope));
  json::object body{{"name", caller.name},
                    {"kind", caller.person ? "user" : "service"},
                    {"token", caller.token},
                    {"scopes", std::move(scopes)}};
  if (caller.person) {
    body["groups"] = json_of(caller.person->groups);
    json::array roles;
    for (const access::Grant& grant : caller.person->grants) roles.push_back(json_of(grant));
    body["roles"] = std::move(roles);
  }
  answer_json(call, body);
}

// Nobody is called as a service's token is: both decide under their names.
Result<store::UserEntry> PeopleEndpoints::user_in(const Call& call) {
  PIPELINE_ASSIGN(const json::object object, api::object_in(call));
  store::UserEntry entry{.name = {}, .added_at = clock_.now()};
  PIPELINE_ASSIGN(entry.name, name_in(object, "a user"));
  PIPELINE_ASSIGN(const auto subject, api::text_in(object, "subject"));
  if (subject && issuer_.empty())
    return base::fail(Error(ErrorKind::invalid, "this server has no identity provider")
                          .hint("`pipeline serve --oidc-issuer URL` names one"));
  if (subject) entry.identity = store::Identity{issuer_, *subject};
  PIPELINE_ASSIGN(const auto tokens, tokens_.list());
  const bool is_taken = std::ranges::any_of(tokens, [&](const store::TokenEntry& token) {
    return !token.user && token.name == entry.name;
  });
  if (is_taken)
    return base::fail(Error(ErrorKind::already_exists,
                            "a service's token is called \"" + entry.name + "\" already")
                          .hint("what is decided under a name has to be one's who has it"));
  return entry;
}

void PeopleEndpoints::add_user(const Call& call) {
  const auto entry = user_in(call);
  if (!entry) return answer_problem(call, entry.error());
  call.tell(entry->name);
  if (const auto added = users_.add(*entry); !added) return answer_problem(call, added.error());
  answer_json(call, json_of(*entry), 201);
}

void PeopleEndpoints::list_users(const Call& call) {
  const auto all = users_.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) {
    const auto groups = groups_.groups_of(entry.name);
    if (!groups) return answer_problem(call, groups.error());
    json::object object = json_of(entry);
    object["groups"] = json_of(*groups);
    list.push_back(std::move(object));
  }
  answer_json(call, json::object{{"users", std::move(list)}});
}

void PeopleEndpoints::remove_user(const Call& call) {
  answer_removed(call, users_.remove(call.part("name")), "there is no such user");
}

void PeopleEndpoints::add_group(const Call& call) {
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  const auto name = name_in(*object, "a group");
  if (!name) return answer_problem(call, name.error());
  call.tell(*name);
  const base::TimePoint now = clock_.now();
  if (const auto added = groups_.add(*name, now); !added)
    return answer_problem(call, added.error());
  answer_json(call, json_of(store::GroupEntry{*name, now}), 201);
}

void PeopleEndpoints::list_groups(const Call& call) {
  const auto all = groups_.list();
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) list.push_back(json_of(entry));
  answer_json(call, json::object{{"groups", std::move(list)}});
}

void PeopleEndpoints::remove_group(const Call& call) {
  answer_removed(call, groups_.remove(call.part("group")), "there is no such group");
}

void PeopleEndpoints::add_member(const Call& call) {
  const auto added = groups_.add_member(call.part("group"), call.part("user"));
  if (!added) return answer_problem(call, added.error());
  answer_nothing(call);
}

void PeopleEndpoints::remove_member(const Call& call) {
  answer_removed(call, groups_.remove_member(call.part("group"), call.part("user")),
                 "he is not in this group");
}

}  // namespace pipeline::serve
