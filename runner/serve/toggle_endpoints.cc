#include "runner/serve/toggle_endpoints.h"

#include <boost/json.hpp>

#include "runner/server/api/json_call.h"
#include "runner/toggles/toggle_view.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::Scope;
using base::ErrorKind;
using base::Result;
using deploy::EnvironmentKey;

constexpr std::uint64_t kLargestMessage = std::uint64_t{4} << 10U;

EnvironmentKey key_in(const Call& call) {
  return {call.part("pipeline"), call.part("environment")};
}

using Setting = std::optional<toggle::Setting>;

// What it was set to before.
Result<Setting> change_at(toggles::ToggleDesk& desk, const Call& call,
                          const std::optional<std::string>& value) {
  const std::string& flag = call.part("flag");
  if (value) return desk.set(key_in(call), flag, *value, call.caller.name);
  PIPELINE_ASSIGN(auto before, desk.clear(key_in(call), flag, call.caller.name));
  return Setting(std::move(before));
}

// For the audit log: "off, was on by ann".
std::string told_of(const std::optional<std::string>& value, const Setting& before) {
  return value.value_or("as its file says") +
         (before ? ", was " + before->value + " by " + before->by : ", was as its file says");
}

}  // namespace

std::vector<Endpoint> ToggleEndpoints::endpoints() {
  const auto make = [this](const char* method, const std::string& path, const char* summary,
                           Scope scope, void (ToggleEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.about = api::About::asks_itself;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  const std::string all = "/api/v1/environments/{pipeline}/{environment}/toggles";
  return {
      make("GET", "/api/v1/toggles", "The feature toggles of all environments.", Scope::read,
           &ToggleEndpoints::list),
      make("GET", all, "The feature toggles of one.", Scope::read, &ToggleEndpoints::show),
      make("GET", all + "/{flag}/changes", "Who set one to what, newest first.", Scope::read,
           &ToggleEndpoints::history),
      make("POST", all + "/{flag}",
           "Sets one to `value`, \"on\", \"off\" or a variant, for every user and until it is "
           "cleared. Applications are told before this is answered.",
           Scope::deploy, &ToggleEndpoints::set),
      make("DELETE", all + "/{flag}", "Gives one back to the release's flag file.", Scope::deploy,
           &ToggleEndpoints::clear),
  };
}

void ToggleEndpoints::list(const Call& call) {
  json::array list;
  for (const auto& served : flags_.all()) {
    const auto place = environments_.place_of(served.flags->key);
    if (!place) return answer_problem(call, place.error());
    if (call.caller.may(Scope::read, *place))
      list.push_back(json_of(view_of(*served.flags, clock_.now())));
  }
  answer_json(call, json::object{{"environments", std::move(list)}});
}

void ToggleEndpoints::show(const Call& call) {
  const auto environment = environments_.find(call, Scope::read);
  if (!environment) return;
  const auto served = flags_.find(environment->key);
  if (!served) return answer_problem(call, never_deployed_to(environment->key));
  answer_json(call, json_of(view_of(*served->flags, clock_.now())));
}

void ToggleEndpoints::history(const Call& call) {
  if (!environments_.find(call, Scope::read)) return;
  pool_.run([this, call] {
    const auto services = make_services_();
    const auto desk = services->toggles();
    if (!desk) return answer_problem(call, desk.error());
    const auto changes = (*desk)->history(key_in(call), call.part("flag"));
    if (!changes) return answer_problem(call, changes.error());
    json::array list;
    for (const auto& change : *changes) list.push_back(toggles::json_of(change));
    answer_json(call, json::object{{"changes", std::move(list)}});
  });
}

void ToggleEndpoints::set(const Call& call) {
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  auto value = api::text_in(*object, "value");
  if (!value) return answer_problem(call, value.error());
  if (!*value)
    return answer_problem(call, base::Error(ErrorKind::invalid, "\"value\" has to be there"));
  change(call, *std::move(value));
}

void ToggleEndpoints::clear(const Call& call) {
  change(call, std::nullopt);
}

void ToggleEndpoints::change(const Call& call, std::optional<std::string> value) {
  if (!environments_.find(call, Scope::deploy)) return;
  pool_.run([this, call, value = std::move(value)] {
    const auto services = make_services_();
    const auto desk = services->toggles();
    if (!desk) return answer_problem(call, desk.error());
    const auto before = change_at(**desk, call, value);
    if (!before) return answer_problem(call, before.error());
    call.tell(told_of(value, *before));
    flags_.look();
    json::object body;
    if (*before) body["before"] = toggles::json_of(**before);
    answer_json(call, body);
  });
}

}  // namespace pipeline::serve
