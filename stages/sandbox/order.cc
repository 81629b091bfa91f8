#include "stages/sandbox/order.h"

#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <exception>

#include "stages/host/file.h"

namespace pipeline::sandbox {

namespace json = boost::json;
using base::Result;

namespace {

constexpr std::array kCauses = {"exited", "timed-out", "cancelled", "limit", "setup", "service"};

json::array strings(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::array paths(const std::vector<std::filesystem::path>& list) {
  json::array result;
  for (const auto& path : list) result.emplace_back(path.native());
  return result;
}

json::object limits_to_json(const model::SandboxSpec& limits) {
  return {{"host_network", limits.network == model::NetworkMode::host},
          {"memory", limits.memory},
          {"cpus", limits.cpus},
          {"processes", limits.processes},
          {"disk", limits.disk},
          {"output", limits.output}};
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

std::vector<std::string> to_strings(const json::value& value) {
  std::vector<std::string> result;
  for (const auto& entry : value.as_array()) result.push_back(text(entry));
  return result;
}

model::SandboxSpec limits_from_json(const json::value& value) {
  model::SandboxSpec limits;
  limits.network =
      value.at("host_network").as_bool() ? model::NetworkMode::host : model::NetworkMode::none;
  limits.memory = value.at("memory").to_number<std::uint64_t>();
  limits.cpus = value.at("cpus").to_number<double>();
  limits.processes = value.at("processes").to_number<std::uint32_t>();
  limits.disk = value.at("disk").to_number<std::uint64_t>();
  limits.output = value.at("output").to_number<std::uint64_t>();
  return limits;
}

json::object env_to_json(const std::map<std::string, std::string>& env) {
  json::object result;
  for (const auto& [name, value] : env) result[name] = value;
  return result;
}

std::map<std::string, std::string> env_from_json(const json::value& value) {
  std::map<std::string, std::string> env;
  for (const auto& [name, entry] : value.as_object()) env.emplace(std::string(name), text(entry));
  return env;
}

json::object ready_to_json(const model::ReadySpec& ready) {
  json::object result{{"command", ready.command},
                      {"interval_ms", ready.interval.count()},
                      {"timeout_ms", ready.timeout.count()}};
  if (!ready.endpoint) return result;
  result["host"] = ready.endpoint->host;
  result["port"] = ready.endpoint->port;
  if (ready.endpoint->http_path) result["http_path"] = *ready.endpoint->http_path;
  return result;
}

model::ReadySpec ready_from_json(const json::object& value) {
  model::ReadySpec ready;
  ready.command = text(value.at("command"));
  ready.interval = base::Duration(value.at("interval_ms").to_number<std::int64_t>());
  ready.timeout = base::Duration(value.at("timeout_ms").to_number<std::int64_t>());
  if (!value.contains("port")) return ready;
  auto& endpoint = ready.endpoint.emplace();
  endpoint.host = text(value.at("host"));
  endpoint.port = value.at("port").to_number<std::uint16_t>();
  if (value.contains("http_path")) endpoint.http_path = text(value.at("http_path"));
  return ready;
}

json::array services_to_json(const std::vector<model::ServiceSpec>& services) {
  json::array result;
  for (const auto& service : services) {
    json::object entry{
        {"name", service.name}, {"run", service.run}, {"env", env_to_json(service.env)}};
    if (service.ready) entry["ready"] = ready_to_json(*service.ready);
    result.push_back(std::move(entry));
  }
  return result;
}

std::vector<model::ServiceSpec> services_from_json(const json::value& value) {
  std::vector<model::ServiceSpec> services;
  for (const auto& entry : value.as_array()) {
    auto& service = services.emplace_back();
    service.name = text(entry.at("name"));
    service.run = text(entry.at("run"));
    service.env = env_from_json(entry.at("env"));
    if (const auto* ready = entry.as_object().if_contains("ready")) {
      service.ready = ready_from_json(ready->as_object());
    }
  }
  return services;
}

SandboxPlan plan_from_json(const json::value& value) {
  SandboxPlan plan;
  plan.isolation = value.at("isolated").as_bool() ? Isolation::full : Isolation::none;
  for (auto& path : to_strings(value.at("lower"))) plan.workspace.lower.emplace_back(path);
  plan.workspace.upper = text(value.at("upper"));
  plan.workspace.scratch = text(value.at("scratch"));
  for (const auto& mount : value.at("mounts").as_array()) {
    plan.mounts.push_back({.host = text(mount.at("host")), .inside = text(mount.at("inside"))});
  }
  plan.workdir = text(value.at("workdir"));
  plan.commands = to_strings(value.at("commands"));
  plan.shell = to_strings(value.at("shell"));
  plan.services = services_from_json(value.at("services"));
  plan.env = env_from_json(value.at("env"));
  plan.masked = to_strings(value.at("masked"));
  plan.limits = limits_from_json(value.at("limits"));
  plan.timeout = base::Duration(value.at("timeout_ms").to_number<std::int64_t>());
  plan.grace = base::Duration(value.at("grace_ms").to_number<std::int64_t>());
  plan.log_directory = text(value.at("log_directory"));
  return plan;
}

json::value parse(std::string_view bytes) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;  // the environment and paths are bytes
  return json::parse({bytes.data(), bytes.size()}, {}, options);
}

// Boost.JSON says what it did not like by throwing.
template <class T, class Read>
Result<T> reading(std::string_view what, std::string_view bytes, Read read) {
  try {
    return read(parse(bytes));
  } catch (const std::exception& error) {
    return base::fail(
        base::Error(base::ErrorKind::corrupt, error.what()).during("read " + std::string(what)));
  }
}

}  // namespace

std::string to_json(const Order& order) {
  const SandboxPlan& plan = order.plan;
  json::array mounts;
  for (const auto& mount : plan.mounts) {
    mounts.push_back({{"host", mount.host.native()}, {"inside", mount.inside.native()}});
  }
  const json::object document = {{"isolated", plan.isolation == Isolation::full},
                                 {"lower", paths(plan.workspace.lower)},
                                 {"upper", plan.workspace.upper.native()},
                                 {"scratch", plan.workspace.scratch.native()},
                                 {"mounts", std::move(mounts)},
                                 {"workdir", plan.workdir},
                                 {"commands", strings(plan.commands)},
                                 {"shell", strings(plan.shell)},
                                 {"services", services_to_json(plan.services)},
                                 {"env", env_to_json(plan.env)},
                                 {"masked", strings(plan.masked)},
                                 {"limits", limits_to_json(plan.limits)},
                                 {"timeout_ms", plan.timeout.count()},
                                 {"grace_ms", plan.grace.count()},
                                 {"log_directory", plan.log_directory.native()},
                                 {"filter", json::array(order.filter.begin(), order.filter.end())}};
  return json::serialize(document);
}

Result<Order> order_from_json(std::string_view bytes) {
  return reading<Order>("the sandbox's plan", bytes, [](const json::value& value) {
    Order order{.plan = plan_from_json(value), .filter = {}};
    for (const auto& word : value.at("filter").as_array()) {
      order.filter.push_back(word.to_number<std::uint64_t>());
    }
    return order;
  });
}

Result<Order> read_order(int memory) {
  if (::lseek(memory, 0, SEEK_SET) != 0) {
    return base::fail(base::Error::from_errno(errno, "read the sandbox's plan"));
  }
  PIPELINE_ASSIGN(const std::string text, host::read_all(memory));
  return order_from_json(text);
}

std::string to_json(const SandboxResult& result) {
  return json::serialize(json::object{{"cause", kCauses.at(static_cast<std::size_t>(result.cause))},
                                      {"commands_started", result.commands_started},
                                      {"exit_code", result.exit_code},
                                      {"reason", result.reason},
                                      {"cpu_ms", result.cpu.count()},
                                      {"peak_memory", result.peak_memory},
                                      {"overlay_refused", result.overlay_refused}}) +
         "\n";
}

Result<SandboxResult> result_from_json(std::string_view bytes) {
  return reading<SandboxResult>("the sandbox's result", bytes, [](const json::value& value) {
    const auto* const cause = std::find(kCauses.begin(), kCauses.end(), text(value.at("cause")));
    if (cause == kCauses.end()) throw std::out_of_range("unknown cause");
    return SandboxResult{
        .cause = static_cast<SandboxResult::Cause>(cause - kCauses.begin()),
        .commands_started = value.at("commands_started").to_number<std::uint32_t>(),
        .exit_code = value.at("exit_code").to_number<int>(),
        .reason = text(value.at("reason")),
        .cpu = base::Duration(value.at("cpu_ms").to_number<std::int64_t>()),
        .peak_memory = value.at("peak_memory").to_number<std::uint64_t>(),
        .overlay_refused = value.at("overlay_refused").as_bool()};
  });
}

}  // namespace pipeline::sandbox
