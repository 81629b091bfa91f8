#include "stages/deploy/health.h"

#include <algorithm>

namespace pipeline::deploy {

namespace {

struct Count {
  const Watched* watched = nullptr;
  std::uint32_t good = 0;  // in a row
  std::uint32_t bad = 0;   // in a row
  std::string last_answer = "no answer yet";
  std::optional<std::uint32_t> restarts{};
  bool told = false;
  bool healthy() const { return good >= watched->check.rise; }
};

std::string address(const rollout::Instance& instance) {
  return instance.host + ":" + std::to_string(instance.port);
}

void probe(Prober& prober, Count& count) {
  const rollout::Instance& instance = count.watched->instance;
  const auto answer = prober.probe(instance.host, instance.port, count.watched->check);
  count.good = answer ? count.good + 1 : 0;
  count.bad = answer ? 0 : count.bad + 1;
  if (!answer) count.last_answer = answer.error().to_string();
}

void check_running(Count& count, const std::map<std::string, std::uint32_t>& running) {
  const auto found = running.find(count.watched->instance.name);
  const bool again = found != running.end() && count.restarts && *count.restarts != found->second;
  if (found != running.end()) count.restarts = found->second;
  if (found != running.end() && !again) return;
  count.good = 0;
  count.last_answer = again ? "it ended and was started again" : "it does not run";
}

base::Duration interval(const std::vector<Watched>& instances) {
  base::Duration shortest = std::chrono::seconds(1);
  for (const Watched& one : instances) shortest = std::min(shortest, one.check.interval);
  return std::max(shortest, base::Duration(10));
}

base::Result<> stopped() {
  return base::fail(base::ErrorKind::cancelled, "stopped on request");
}

std::vector<Count> counts_for(const std::vector<Watched>& instances) {
  std::vector<Count> counts;
  counts.reserve(instances.size());
  for (const Watched& one : instances) counts.push_back({.watched = &one});
  return counts;
}

}  // namespace

base::Result<> HealthWatch::await_healthy(const std::vector<Watched>& instances,
                                          const Running& running, const Report& report,
                                          const std::stop_token& stop) {
  std::vector<Count> counts = counts_for(instances);
  const base::TimePoint start = clock_.now();
  std::size_t told = 0;
  PIPELINE_ASSIGN(auto alive, running());
  for (Count& count : counts) check_running(count, alive);
  while (true) {
    for (Count& count : counts) {
      if (!count.healthy()) probe(prober_, count);
    }
    // After the probes, and of all: who answered may have ended meanwhile.
    PIPELINE_ASSIGN(alive, running());
    for (Count& count : counts) {
      check_running(count, alive);
      if (count.healthy() && !count.told) {
        count.told = true;
        report("instance " + std::to_string(++told) + " of " + std::to_string(counts.size()) +
               " healthy on " + address(count.watched->instance));
      } else if (!count.healthy() && clock_.now() - start >= count.watched->check.deadline) {
        return base::fail(base::ErrorKind::failed,
                          count.watched->instance.name + " on " + address(count.watched->instance) +
                              " did not become healthy in time: " + count.last_answer);
      }
    }
    if (std::ranges::all_of(counts, &Count::healthy)) return {};
    if (waiter_.wait(interval(instances), stop) == Waited::stopped) return stopped();
  }
}

base::Result<> HealthWatch::watch(const std::vector<Watched>& instances, base::Duration duration,
                                  const std::stop_token& stop) {
  std::vector<Count> counts = counts_for(instances);
  const base::TimePoint end = clock_.now() + duration;
  while (true) {
    for (Count& count : counts) {
      probe(prober_, count);
      if (count.bad >= count.watched->check.fall) {
        return base::fail(base::ErrorKind::failed, count.watched->instance.name + " on " +
                                                       address(count.watched->instance) +
                                                       " became unhealthy: " + count.last_answer);
      }
    }
    const auto left = std::chrono::ceil<base::Duration>(end - clock_.now());
    if (left.count() <= 0) return {};
    if (waiter_.wait(std::min(left, interval(instances)), stop) == Waited::stopped) {
      return stopped();
    }
  }
}

std::set<std::string> HealthWatch::healthy_now(const std::vector<Watched>& instances) {
  std::set<std::string> names;
  for (const Watched& one : instances) {
    if (prober_.probe(one.instance.host, one.instance.port, one.check)) {
      names.insert(one.instance.name);
    }
  }
  return names;
}

}  // namespace pipeline::deploy
