#include "stages/deploy/haproxy/haproxy_switch.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "stages/deploy/haproxy/admin_socket.h"
#include "stages/deploy/haproxy/commands.h"
#include "stages/deploy/haproxy/runtime.h"
#include "stages/host/file.h"

namespace pipeline::deploy::haproxy {

using base::ErrorKind;
using base::Result;
using rollout::Endpoint;
using rollout::EndpointState;
using rollout::Traffic;

namespace {

constexpr const char* kAssignedFile = "assigned.json";

Result<> make_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return base::fail(base::Error::from_errno(error.value(), "make " + path.string()));
}

Result<> check_free(const host::Address& address, const char* key) {
  auto free = host::can_listen(address);
  if (free) return {};
  if (free.error().kind() != ErrorKind::conflict) {
    return base::during(std::move(free), "start the traffic switch (`" + std::string(key) + "`)");
  }
  const auto holder = host::listener_on(address);
  return base::fail(
      base::Error(ErrorKind::conflict, address.to_text() + " is taken by " +
                                           holder.value_or("somebody else") +
                                           ", so the traffic switch cannot listen there")
          .hint("stop it, or choose another address for `" + std::string(key) +
                "` in the environment's switch"));
}

Result<> check_addresses(const FrontConfig& config) {
  PIPELINE_TRY(check_free(config.listen, "listen"));
  return check_free(config.preview, "preview");
}

// Has servers for users, and none of them answers.
bool is_mute(const Pool& pool, const ServerStates& servers) {
  bool any = false;
  for (const auto& placed : pool.servers) {
    if (placed.endpoint.state != EndpointState::ready) continue;
    any = true;
    const auto found = servers.find({std::string(pool.name), slot_name(placed.slot)});
    if (found == servers.end() || !found->second.down) return false;
  }
  return any;
}

// What the slot really does, if it does anything.
std::optional<Endpoint> observed(const Placed& placed, std::string_view pool,
                                 const ServerStates& servers) {
  const auto found = servers.find({std::string(pool), slot_name(placed.slot)});
  if (found == servers.end() || found->second.mode == ServerMode::maintenance) return std::nullopt;
  const auto& state = found->second;
  const auto& wanted = placed.endpoint;
  const bool same = state.host == wanted.host && state.port == wanted.port;
  return Endpoint{same ? wanted.instance : host::Address{state.host, state.port}.to_text(),
                  state.host, state.port,
                  state.mode == ServerMode::ready ? EndpointState::ready : EndpointState::draining};
}

std::vector<Endpoint> observed(const Pool& pool, const ServerStates& servers) {
  std::vector<Endpoint> endpoints;
  std::set<std::string> known;
  for (const auto& placed : pool.servers) {
    known.insert(slot_name(placed.slot));
    if (auto endpoint = observed(placed, pool.name, servers)) endpoints.push_back(*endpoint);
  }
  // Whatever somebody else put into traffic is reality too.
  for (int slot = 1; slot <= kSlots; ++slot) {
    if (known.contains(slot_name(slot))) continue;
    if (auto endpoint = observed(Placed{{}, slot}, pool.name, servers)) {
      endpoints.push_back(*endpoint);
    }
  }
  return endpoints;
}

Traffic traffic_of(const Placement& placement, const ServerStates& servers, std::uint32_t share) {
  return Traffic{observed(placement.pools[0], servers), observed(placement.pools[1], servers),
                 observed(placement.pools[2], servers), share};
}

}  // namespace

HaproxySwitch::HaproxySwitch(std::filesystem::path directory, model::SwitchSpec spec,
                             model::HealthCheck health)
    : directory_(std::move(directory)),
      spec_(std::move(spec)),
      health_(std::move(health)),
      process_(directory_) {}

Result<FrontConfig> HaproxySwitch::front_config() const {
  FrontConfig config{{}, {}, health_, unprivileged_user()};
  PIPELINE_ASSIGN(config.listen, host::Address::parse(spec_.listen));
  PIPELINE_ASSIGN(config.preview, host::Address::parse(spec_.preview));
  return config;
}

Result<> HaproxySwitch::check_can_run() {
  PIPELINE_TRY(HaproxyProcess::check_installed());
  PIPELINE_ASSIGN(const FrontConfig config, front_config());
  PIPELINE_TRY(render_front(config));
  return process_.find() ? Result<>() : check_addresses(config);
}

Result<> HaproxySwitch::ensure_running() {
  PIPELINE_TRY(make_private_directory(directory_));
  PIPELINE_ASSIGN(const FrontConfig config, front_config());
  PIPELINE_ASSIGN(const std::string front, render_front(config));

  const auto running = process_.find();
  if (!running) return start(front, config);
  if (!ask(directory_, "show info")) {
    // It lives but cannot be told anything any more, so it serves what nobody wants.
    PIPELINE_TRY(process_.stop());
    return start(front, config);
  }
  if (host::read_file(directory_ / kFrontFile) == front) return {};
  PIPELINE_ASSIGN(const Placement placement, assigned());
  PIPELINE_TRY(write_configuration(placement, front));
  PIPELINE_TRY(process_.start(running));
  return apply(placement);
}

Result<> HaproxySwitch::start(const std::string& front, const FrontConfig& config) {
  PIPELINE_TRY(check_addresses(config));
  PIPELINE_ASSIGN(const Placement placement, assigned());
  PIPELINE_TRY(write_configuration(placement, front));
  PIPELINE_TRY(process_.start(std::nullopt));
  return apply(placement);
}

Result<Placement> HaproxySwitch::assigned() const {
  auto text = host::read_file(directory_ / kAssignedFile);
  if (!text && text.error().kind() == ErrorKind::not_found) return Placement{};
  if (!text) return tl::unexpected(std::move(text).error());
  return parse_placement(*text);
}

Result<> HaproxySwitch::write_configuration(const Placement& placement,
                                            const std::string& front) const {
  PIPELINE_TRY(host::write_file(directory_ / kShareMap, render_share_map(placement)));
  PIPELINE_TRY(host::write_file(directory_ / kBackendsFile, render_backends(placement)));
  return host::write_file(directory_ / kFrontFile, front);
}

Result<> HaproxySwitch::assign(const Traffic& traffic) {
  PIPELINE_ASSIGN(const Placement before, assigned());
  PIPELINE_ASSIGN(const Placement placement, place(traffic, before));
  if (placement != before) {
    PIPELINE_TRY(host::write_file(directory_ / kAssignedFile, to_json(placement)));
  }
  PIPELINE_TRY(apply(placement));
  PIPELINE_TRY(await_answer(placement));
  PIPELINE_ASSIGN(const Traffic reality, observe());
  if (reality == traffic) return {};
  return base::fail(ErrorKind::internal, "HAProxy did not take up the assigned traffic");
}

Result<> HaproxySwitch::apply(const Placement& placement) {
  PIPELINE_ASSIGN(const ServerStates now, servers());
  PIPELINE_ASSIGN(const std::uint32_t share_now, share());
  for (const auto& command : commands(placement, now, share_now)) {
    PIPELINE_TRY(tell(directory_, command));
  }
  return {};
}

// An instance that was dead when HAProxy looked counts as down until its own checks have seen it
// again, whoever else has. Until then users would get 503. Bounded: what does not come up is for
// those checks to find out, not for us.
Result<> HaproxySwitch::await_answer(const Placement& placement) const {
  constexpr auto kPause = std::chrono::milliseconds(5);
  constexpr auto kSlack = std::chrono::seconds(1);
  const auto patience = health_.interval * std::max(health_.rise, 1U) + health_.timeout + kSlack;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    PIPELINE_ASSIGN(const ServerStates now, servers());
    const bool mute =
        std::ranges::any_of(placement.pools, [&](const auto& pool) { return is_mute(pool, now); });
    if (!mute || std::chrono::steady_clock::now() >= deadline) return {};
    std::this_thread::sleep_for(kPause);
  }
}

Result<Traffic> HaproxySwitch::observe() {
  PIPELINE_ASSIGN(const Placement placement, assigned());
  PIPELINE_ASSIGN(const ServerStates now, servers());
  PIPELINE_ASSIGN(const std::uint32_t percent, share());
  return traffic_of(placement, now, percent);
}

Result<ServerStates> HaproxySwitch::servers() const {
  PIPELINE_ASSIGN(const std::string text, ask(directory_, "show servers state"));
  return parse_servers(text);
}

Result<std::uint32_t> HaproxySwitch::share() const {
  PIPELINE_ASSIGN(const std::string text, ask(directory_, "show map " + std::string(kShareMap)));
  return parse_share(text);
}

Result<StatRows> HaproxySwitch::statistics() const {
  PIPELINE_ASSIGN(const std::string text, ask(directory_, "show stat"));
  return parse_stat(text);
}

Result<std::uint32_t> HaproxySwitch::sessions(const std::string& instance) {
  PIPELINE_ASSIGN(const Placement placement, assigned());
  PIPELINE_ASSIGN(const StatRows rows, statistics());
  std::uint64_t sum = 0;
  for (const auto& pool : placement.pools) {
    for (const auto& placed : pool.servers) {
      if (placed.endpoint.instance != instance) continue;
      const auto row = rows.find({std::string(pool.name), slot_name(placed.slot)});
      if (row != rows.end()) sum += row->second.sessions + row->second.queued;
    }
  }
  return static_cast<std::uint32_t>(sum);
}

Result<SwitchCounters> HaproxySwitch::counters() {
  PIPELINE_ASSIGN(const StatRows rows, statistics());
  SwitchCounters counters;
  for (const auto* pool : {"blue", "green"}) {
    const auto row = rows.find({pool, "BACKEND"});
    if (row == rows.end()) continue;
    counters.requests += row->second.requests;
    counters.errors += row->second.errors;
  }
  return counters;
}

Result<bool> HaproxySwitch::running() {
  return process_.find().has_value();
}

Result<> HaproxySwitch::shut_down() {
  PIPELINE_TRY(process_.stop());
  std::error_code ignored;  // nothing assigned is what is wanted
  std::filesystem::remove(directory_ / kAssignedFile, ignored);
  return {};
}

}  // namespace pipeline::deploy::haproxy
