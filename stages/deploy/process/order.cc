#include "stages/deploy/process/order.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include "stages/host/file.h"

namespace pipeline::deploy::process {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

namespace {

json::object spec_to_json(const InstanceSpec& spec) {
  return {{"name", spec.name},
          {"release", spec.release},
          {"start", spec.start},
          {"host", spec.host},
          {"port", spec.port},
          {"env", json::value_from(spec.env)},
          {"stop_signal", spec.stop.signal},
          {"stop_timeout_ms", spec.stop.timeout.count()}};
}

// These throw what Boost.JSON throws for a member that is missing or of another type; parsed()
// below turns it into an error.
InstanceSpec spec_from_json(const json::object& object) {
  InstanceSpec spec;
  spec.name = json::value_to<std::string>(object.at("name"));
  spec.release = json::value_to<std::uint64_t>(object.at("release"));
  spec.start = json::value_to<std::string>(object.at("start"));
  spec.host = json::value_to<std::string>(object.at("host"));
  spec.port = json::value_to<std::uint16_t>(object.at("port"));
  spec.env = json::value_to<std::map<std::string, std::string>>(object.at("env"));
  spec.stop.signal = json::value_to<int>(object.at("stop_signal"));
  spec.stop.timeout =
      base::Duration(json::value_to<base::Duration::rep>(object.at("stop_timeout_ms")));
  return spec;
}

Order order_from_json(const json::object& object) {
  Order order;
  order.spec = spec_from_json(object.at("spec").as_object());
  order.directory = json::value_to<std::string>(object.at("directory"));
  if (const auto* user = object.if_contains("user")) {
    order.user = host::FileOwner{json::value_to<uid_t>(user->at("uid")),
                                 json::value_to<gid_t>(user->at("gid"))};
  }
  return order;
}

host::ProcessIdentity identity_from_json(const json::value& value) {
  const auto process = host::ProcessIdentity::parse(json::value_to<std::string>(value));
  if (!process) throw std::invalid_argument("not a process");
  return *process;
}

State state_from_json(const json::object& object) {
  State state;
  state.supervisor = identity_from_json(object.at("supervisor"));
  if (const auto* instance = object.if_contains("instance")) {
    state.instance = identity_from_json(*instance);
  }
  state.restarts = json::value_to<std::uint32_t>(object.at("restarts"));
  return state;
}

template <class T>
Result<T> parsed(const std::filesystem::path& file, T (*from_json)(const json::object&)) {
  PIPELINE_ASSIGN(const std::string text, host::read_file(file));
  try {
    return from_json(json::parse(text).as_object());
  } catch (const std::exception& problem) {
    return base::fail(ErrorKind::corrupt, file.string() + " cannot be read: " + problem.what());
  }
}

Result<> write(const std::filesystem::path& file, const json::object& object,
               host::Durability durability) {
  return host::write_file(file, json::serialize(object) + "\n", durability, 0600);
}

}  // namespace

Result<Order> read_order(const std::filesystem::path& instance_directory) {
  return parsed(instance_directory / kOrderFile, order_from_json);
}

Result<> write_order(const std::filesystem::path& instance_directory, const Order& order) {
  json::object object{{"spec", spec_to_json(order.spec)}, {"directory", order.directory.string()}};
  if (order.user) object["user"] = {{"uid", order.user->uid}, {"gid", order.user->gid}};
  return write(instance_directory / kOrderFile, object, host::Durability::synced);
}

Result<State> read_state(const std::filesystem::path& instance_directory) {
  return parsed(instance_directory / kStateFile, state_from_json);
}

Result<> write_state(const std::filesystem::path& instance_directory, const State& state) {
  json::object object{{"supervisor", state.supervisor.to_text()}, {"restarts", state.restarts}};
  if (state.instance) object["instance"] = state.instance->to_text();
  // The processes it speaks of do not survive a power cut either.
  return write(instance_directory / kStateFile, object, host::Durability::cached);
}

}  // namespace pipeline::deploy::process
