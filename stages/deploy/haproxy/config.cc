#include "stages/deploy/haproxy/config.h"

#include <algorithm>
#include <map>

namespace pipeline::deploy::haproxy {

using base::Result;

namespace {

constexpr std::string_view kPathCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-?=&%+,:@";

std::string milliseconds(base::Duration duration) {
  return std::to_string(duration.count()) + "ms";
}

std::string bind_line(const host::Address& address) {
  return "  bind " + (address.host.empty() ? "*" + address.to_text() : address.to_text()) + "\n";
}

std::string global_section(const FrontConfig& config) {
  std::string text =
      "global\n"
      "  maxconn 4096\n"
      // A low limit of open files makes it smaller, not absent.
      "  no strict-limits\n"
      "  hard-stop-after 30s\n"
      "  stats timeout 30s\n"
      "  stats socket unix@" +
      std::string(kAdminSocket) + " mode 600 level admin expose-fd listeners\n";
  if (!config.user.empty()) text += "  user " + config.user + "\n";
  return text;
}

std::string health_lines(const model::HealthCheck& health) {
  std::string text = "  timeout check " + milliseconds(health.timeout) + "\n";
  if (health.http_path) {
    text += "  option httpchk GET " + *health.http_path + "\n";
    text += "  http-check expect status 200-399\n";
  }
  return text + "  default-server check inter " + milliseconds(health.interval) + " rise " +
         std::to_string(std::max(health.rise, 1U)) + " fall " +
         std::to_string(std::max(health.fall, 1U)) + "\n";
}

// An instance that dies must not cost a request: one that could not connect goes to another
// instance at once, and one whose connection was closed before a byte of an answer (it ended, or
// its idle connection timed out) is sent again if its method allows that.
constexpr std::string_view kDefaults =
    "defaults\n"
    "  mode http\n"
    "  balance roundrobin\n"
    "  option forwardfor\n"
    "  option redispatch 1\n"
    "  retries 3\n"
    "  retry-on conn-failure empty-response\n"
    "  timeout connect 2s\n"
    "  timeout client 60s\n"
    "  timeout server 60s\n"
    "  timeout queue 5s\n"
    "  timeout tunnel 1h\n"
    "  timeout http-request 10s\n";

constexpr std::string_view kOnlySafeRetries =
    "  http-request disable-l7-retry unless METH_GET or METH_HEAD or METH_OPTIONS\n";

}  // namespace

std::string slot_name(int slot) {
  return "s" + std::to_string(slot);
}

Result<std::string> render_front(const FrontConfig& config) {
  const auto& path = config.health.http_path;
  if (path &&
      (!path->starts_with('/') || path->find_first_not_of(kPathCharacters) != std::string::npos)) {
    return base::fail(base::ErrorKind::invalid, "the health path \"" + *path +
                                                    "\" has characters that need percent-encoding");
  }
  std::string text = global_section(config) + std::string(kDefaults) + health_lines(config.health);
  text += "frontend public\n" + bind_line(config.listen) + std::string(kOnlySafeRetries);
  // bucket - share is negative for `share` of 100 buckets: those requests are green's.
  text += "  http-request set-var(txn.share) str(" + std::string(kShareKey) + "),map_str_int(" +
          std::string(kShareMap) + ",0)\n" +
          "  http-request set-var(txn.bucket) rand(100),sub(txn.share)\n"
          "  use_backend green if { var(txn.bucket) -m int lt 0 }\n"
          "  default_backend blue\n";
  text += "frontend preview_address\n" + bind_line(config.preview) + std::string(kOnlySafeRetries) +
          "  default_backend preview\n";
  return text;
}

std::string render_backends(const Placement& placement) {
  std::string text;
  for (const auto& pool : placement.pools) {
    std::map<int, const rollout::Endpoint*> used;
    for (const auto& placed : pool.servers) used[placed.slot] = &placed.endpoint;
    text += "backend " + std::string(pool.name) + "\n";
    for (int slot = 1; slot <= kSlots; ++slot) {
      const auto found = used.find(slot);
      if (found == used.end()) {
        // Port 9 is "discard": never reached, the slot is out of service.
        text += "  server " + slot_name(slot) + " 127.0.0.1:9 disabled\n";
        continue;
      }
      const auto& endpoint = *found->second;
      text += "  server " + slot_name(slot) + " " +
              host::Address{endpoint.host, endpoint.port}.to_text();
      // A fresh HAProxy has no requests to finish there.
      if (endpoint.state == rollout::EndpointState::draining) text += " disabled";
      text += "\n";
    }
  }
  return text;
}

std::string render_share_map(const Placement& placement) {
  return std::string(kShareKey) + " " + std::to_string(placement.green_percent) + "\n";
}

}  // namespace pipeline::deploy::haproxy
