#include "runner/serve/schedule_endpoints.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"
#include "runner/server/api/json_call.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;

json::object json_of(const Upcoming& one) {
  json::object object{{"repository", one.key.repository}, {"pipeline", one.key.pipeline_file},
                      {"schedule", one.key.schedule},     {"cron", one.cron},
                      {"timezone", one.timezone},         {"next", base::format_timestamp(one.at)}};
  // It was loaded before.
  if (const auto zone = schedule::TimeZone::load(one.timezone))
    object["next_local"] = zone->format(one.at);
  return object;
}

}  // namespace

std::vector<api::Endpoint> ScheduleEndpoints::endpoints() {
  return {{.method = "GET",
           .path = "/api/v1/schedules",
           .summary = "The schedules of all repositories, the one that fires next first.",
           .scope = api::Scope::read,
           .handle = [this](const api::Call& call) { list(call); },
           .about = api::About::asks_itself}};
}

void ScheduleEndpoints::list(const api::Call& call) const {
  json::array all;
  for (const Upcoming& one : scheduler_.upcoming())
    if (call.caller.may(api::Scope::read, {one.key.repository})) all.push_back(json_of(one));
  api::answer_json(call, json::object{{"schedules", std::move(all)}});
}

}  // namespace pipeline::serve
