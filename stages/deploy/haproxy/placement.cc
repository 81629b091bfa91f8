#include "stages/deploy/haproxy/placement.h"

#include <algorithm>
#include <bitset>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <set>

namespace pipeline::deploy::haproxy {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;
using rollout::Endpoint;
using rollout::EndpointState;

namespace {

using Slots = std::bitset<kSlots + 1>;

bool same_place(const Endpoint& left, const Endpoint& right) {
  return left.instance == right.instance && left.host == right.host && left.port == right.port;
}

int first_free(const Slots& taken) {
  for (int slot = 1; slot <= kSlots; ++slot) {
    if (!taken.test(static_cast<std::size_t>(slot))) return slot;
  }
  return 0;
}

Result<> check(std::string_view pool, const std::vector<Endpoint>& endpoints) {
  if (endpoints.size() > static_cast<std::size_t>(kSlots)) {
    return base::fail(ErrorKind::exhausted,
                      std::to_string(endpoints.size()) +
                          " instances do not fit in the switch, which takes " +
                          std::to_string(kSlots));
  }
  std::set<std::string> names;
  for (const auto& endpoint : endpoints) {
    if (names.insert(endpoint.instance).second) continue;
    return base::fail(ErrorKind::invalid, endpoint.instance + " is twice among the " +
                                              std::string(pool) + " instances");
  }
  return {};
}

Result<std::vector<Placed>> place_pool(std::string_view name,
                                       const std::vector<Endpoint>& endpoints,
                                       const std::vector<Placed>& before) {
  PIPELINE_TRY(check(name, endpoints));
  std::vector<Placed> after;
  Slots taken;
  Slots used_before;
  for (const auto& old : before) used_before.set(static_cast<std::size_t>(old.slot));
  for (const auto& endpoint : endpoints) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const Placed& placed) {
      return same_place(placed.endpoint, endpoint);
    });
    after.push_back({endpoint, old == before.end() ? 0 : old->slot});
    taken.set(static_cast<std::size_t>(after.back().slot));
  }
  for (auto& placed : after) {
    if (placed.slot != 0) continue;
    placed.slot = first_free(taken | used_before);
    if (placed.slot == 0) placed.slot = first_free(taken);
    taken.set(static_cast<std::size_t>(placed.slot));
  }
  return after;
}

json::object to_object(const Placed& placed) {
  const auto& endpoint = placed.endpoint;
  return {{"instance", endpoint.instance},
          {"host", endpoint.host},
          {"port", endpoint.port},
          {"draining", endpoint.state == EndpointState::draining},
          {"slot", placed.slot}};
}

// Throws what Boost.JSON throws for a member that is missing or of another type.
Placed to_placed(const json::object& object) {
  Placed placed;
  placed.endpoint.instance = json::value_to<std::string>(object.at("instance"));
  placed.endpoint.host = json::value_to<std::string>(object.at("host"));
  placed.endpoint.port = json::value_to<std::uint16_t>(object.at("port"));
  placed.endpoint.state =
      object.at("draining").as_bool() ? EndpointState::draining : EndpointState::ready;
  placed.slot = std::clamp(json::value_to<int>(object.at("slot")), 1, kSlots);
  return placed;
}

}  // namespace

Result<Placement> place(const rollout::Traffic& traffic, const Placement& before) {
  if (traffic.green_percent > 100) {
    return base::fail(ErrorKind::invalid, "a share of more than 100 percent");
  }
  Placement after;
  after.green_percent = traffic.green_percent;
  const std::vector<Endpoint>* wanted[] = {&traffic.blue, &traffic.green, &traffic.preview};
  for (std::size_t i = 0; i < after.pools.size(); ++i) {
    PIPELINE_ASSIGN(after.pools[i].servers,
                    place_pool(after.pools[i].name, *wanted[i], before.pools[i].servers));
  }
  return after;
}

std::string to_json(const Placement& placement) {
  json::object object{{"green_percent", placement.green_percent}};
  for (const auto& pool : placement.pools) {
    json::array servers;
    for (const auto& placed : pool.servers) servers.push_back(to_object(placed));
    object[pool.name] = std::move(servers);
  }
  return json::serialize(object) + "\n";
}

Result<Placement> parse_placement(std::string_view text) try {
  const auto value = json::parse(text);
  const auto& object = value.as_object();
  Placement placement;
  placement.green_percent = json::value_to<std::uint32_t>(object.at("green_percent"));
  for (auto& pool : placement.pools) {
    for (const auto& server : object.at(pool.name).as_array()) {
      pool.servers.push_back(to_placed(server.as_object()));
    }
  }
  return placement;
} catch (const std::exception& problem) {
  return base::fail(ErrorKind::corrupt, std::string("not a placement: ") + problem.what());
}

}  // namespace pipeline::deploy::haproxy
