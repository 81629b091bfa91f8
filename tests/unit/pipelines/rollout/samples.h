// Releases and records to test with.
#pragma once

#include "pipelines/rollout/journal_entry.h"

namespace pipeline::rollout {

inline Release sample_release(std::uint64_t number, std::uint16_t first_port) {
  Release release;
  release.number = number;
  release.artifact = "shop";
  base::Digest::Bytes bytes{};
  bytes.fill(static_cast<std::uint8_t>(number));
  release.digest = base::Digest(bytes);
  release.environment.name = "production";
  release.environment.instances = 2;
  release.environment.start = "./shop --port \"$PORT\"\n";
  release.environment.ports = {8101, 8104};
  release.environment.health.http_path = "/healthz";
  release.environment.traffic = {"127.0.0.1:8080", "127.0.0.1:8081"};
  release.environment.toggles = "toggles/production.json";
  release.environment.gates.push_back({.gate = model::ToggleGate{.off = {"new"}}, .span = {}});
  release.environment.gates.push_back({.gate = model::SmokeGate{.run = {"smoke"}}, .span = {}});
  release.environment.agent.labels = {"production"};
  release.machine = "prod-1";
  release.repository = "/src/shop";
  release.tree = "4b825dc";
  release.fleet = make_fleet(number, {first_port, static_cast<std::uint16_t>(first_port + 1)});
  return release;
}

inline Entry at(std::int64_t micros, EntryBody body) {
  return {.at = base::TimePoint(std::chrono::microseconds(micros)), .body = std::move(body)};
}

}  // namespace pipeline::rollout
