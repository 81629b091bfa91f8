#include "runner/serve/audit_log.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"
#include "runner/server/api/json_call.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kMostListed = 1000;

json::object json_of(const store::AuditEntry& entry) {
  return {{"number", entry.number}, {"at", base::format_timestamp(entry.at)},
          {"who", entry.who},       {"peer", entry.peer},
          {"action", entry.action}, {"detail", entry.detail},
          {"status", entry.status}};
}

}  // namespace

void AuditLog::note(const api::Change& change) {
  const std::scoped_lock guard(mutex_);
  const auto added = store_.add({.at = clock_.now(),
                                 .who = change.who,
                                 .peer = change.peer,
                                 .action = change.action,
                                 .detail = change.detail,
                                 .status = change.status});
  // It is done all the same: what the operator reads has it then.
  if (!added)
    tell_(change.who + ": " + change.action + " " + change.detail +
          " is not in the audit log: " + added.error().to_string());
}

std::vector<api::Endpoint> AuditLog::endpoints() {
  return {
      {.method = "GET",
       .path = "/api/v1/audit",
       .summary = "What was changed and by whom, oldest first, from a number on; or the newest.",
       .scope = api::Scope::admin,
       .handle = [this](const api::Call& call) { list(call); },
       .query = {api::number_parameter("after", "those after that number"),
                 api::number_parameter("limit", "how many at most"),
                 api::number_parameter("tail", "the newest, so many")}}};
}

void AuditLog::list(const api::Call& call) {
  const auto limit = api::number_in<std::uint64_t>(call.request(), "limit", kMostListed);
  auto after = api::number_in<std::uint64_t>(call.request(), "after", 0U);
  const auto tail = api::number_in<std::uint64_t>(call.request(), "tail", 0U);
  for (const auto* number : {&limit, &std::as_const(after), &tail})
    if (!*number) return api::answer_problem(call, number->error());
  const std::scoped_lock guard(mutex_);
  if (*tail > 0) {
    const auto newest = store_.newest();
    if (!newest) return api::answer_problem(call, newest.error());
    after = *newest > *tail ? *newest - *tail : 0;
  }
  const auto entries = store_.list(*after, std::min(*limit, kMostListed));
  if (!entries) return api::answer_problem(call, entries.error());
  json::array list;
  for (const store::AuditEntry& entry : *entries) list.push_back(json_of(entry));
  api::answer_json(call, json::object{{"entries", std::move(list)}});
}

}  // namespace pipeline::serve
