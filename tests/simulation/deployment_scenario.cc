// One environment, a few commands one after the other, each by a process that may die at any
// moment; a world in which releases are slow, fall sick or fail their gates, and calls are refused.
//
// Invariants, after every call and every wait: users reach at least as many healthy instances as
// the strategy promised. After every command: the journal can be read. At the end, left in peace:
// exactly one release serves, with its whole fleet; nothing but it and a warm previous fleet runs;
// nobody is left in the queue.
#include <algorithm>
#include <set>

#include "pipelines/rollout/colour.h"
#include "pipelines/rollout/strategy.h"
#include "tests/simulation/harness.h"
#include "tests/simulation/mortal_store.h"
#include "tests/support/deploy/scene.h"

namespace pipeline::simulation {

namespace {

using model::StrategyKind;
using rollout::State;
using support::FakeWorld;
using support::Moment;
using support::Scene;

// Percent, of every call.
struct Luck {
  std::uint64_t kill = 0;
  std::uint64_t refuse = 0;
  std::uint64_t stop = 0;
};

// Refuses and kills where the journal is written, too.
class MortalJournal final : public deploy::Journal {
 public:
  using Strike = std::function<base::Result<>(const std::string&)>;
  MortalJournal(support::JournalDisk& disk, Strike strike)
      : journal_(disk), strike_(std::move(strike)) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override {
    return journal_.enqueue(key);
  }
  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override {
    return journal_.holder(key);
  }
  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override {
    PIPELINE_TRY(strike_("before append"));
    auto appended = journal_.append(key, fence, entry);
    // What was written was written: only death may come between that and the answer.
    (void)strike_("after append");
    return appended;
  }
  base::Result<std::vector<rollout::Entry>> read(const deploy::EnvironmentKey& key) override {
    return journal_.read(key);
  }
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    return journal_.environments();
  }

 private:
  support::MemoryJournal journal_;
  Strike strike_;
};

class Play {
 public:
  explicit Play(std::uint64_t seed) : random_(seed) {
    const auto kind = random_.pick(
        std::vector{StrategyKind::all_at_once, StrategyKind::rolling, StrategyKind::blue_green});
    environment_ =
        support::fake_environment(kind, static_cast<std::uint32_t>(random_.between(1, 4)));
    environment_.ports.last = 8120;  // room for fleets that grow
    environment_.strategy.batch = static_cast<std::uint32_t>(random_.between(1, 3));
    environment_.strategy.bake = std::chrono::seconds(random_.below(4));
    environment_.retain.warm = std::chrono::seconds(random_.percent(50) ? 0 : 60);
    environment_.retain.releases = static_cast<std::uint32_t>(random_.between(1, 3));
    scene_.world.on_call = [this](Moment, const std::string& call) { return strike(call); };
    scene_.world.on_wait = [this] { (void)strike("wait"); };
  }

  void run() {
    const std::uint64_t commands = random_.between(2, 6);
    for (std::uint64_t i = 0; i < commands; ++i) {
      luck_ = {.kill = random_.percent(60) ? random_.between(1, 6) : 0,
               .refuse = random_.percent(30) ? random_.between(1, 5) : 0,
               .stop = random_.percent(15) ? random_.between(1, 10) : 0};
      scene_.stop = std::stop_source();
      scene_.world.failing_gates.clear();
      if (random_.percent(20)) scene_.world.failing_gates = {"smoke before"};
      if (random_.percent(15)) scene_.world.failing_gates = {"smoke after"};
      command();
      settle_promise();
      scene_.world.clock.advance(std::chrono::seconds(random_.below(90)));
    }
    leave_in_peace();
  }

 private:
  // Every call and every wait comes by here.
  base::Result<> strike(const std::string& call) {
    trace("  " + call);
    check_promise(call);
    if (random_.percent(luck_.stop)) scene_.stop.request_stop();
    if (random_.percent(luck_.kill)) {
      trace("  killed");
      throw Killed{};
    }
    if (random_.percent(luck_.refuse)) return base::fail(base::ErrorKind::io, "refused: " + call);
    return {};
  }

  void check_promise(const std::string& call) {
    const FakeWorld& world = scene_.world;
    // Whoever fell sick by themselves are the world's doing, not the driver's.
    std::size_t excused = 0;
    for (const auto& [name, instance] : world.instances) excused += world.sick(name) ? 1U : 0U;
    require(world.served().size() + excused >= promise_,
            "at \"" + call + "\" users reach " + std::to_string(world.served().size()) +
                " instances, promised were " + std::to_string(promise_));
  }

  // As long as nothing is settled, the least of what the commands since then promised.
  void lower_promise(std::uint32_t promised) { promise_ = std::min(promise_, promised); }
  void settle_promise() {
    const auto record = scene_.record();
    if (record.deployment && !is_settled(record.deployment->state)) return;
    // What serves now has proved itself: it stays well, and starts in good time if it has to again.
    heal();
    promise_ = static_cast<std::uint32_t>(scene_.world.served().size());
  }
  void heal() {
    scene_.world.behaviour.clear();
    for (auto& [name, instance] : scene_.world.instances) {
      instance.sick_from.reset();
      instance.ready_at = std::min(instance.ready_at, scene_.world.clock.now());
    }
  }

  void command() {
    try {
      if (random_.percent(60)) {
        deploy();
      } else if (random_.percent(50)) {
        trace("resume");
        finish(with_driver([&](deploy::Driver& driver) {
          return driver.resume(scene_.key, {}, scene_.stop.get_token());
        }));
      } else {
        return_to_earlier();
      }
    } catch (const Killed&) {
      // The process is gone; the world, the disk and its users are not.
    }
    const auto entries = support::MemoryJournal(scene_.disk).read(scene_.key);
    require(entries.has_value() && rollout::fold(*entries).has_value(),
            "the journal cannot be read");
    require(scene_.disk.environments[scene_.key].queue.empty(), "a dead process holds a place");
  }

  void deploy() {
    environment_.instances = static_cast<std::uint32_t>(random_.between(1, 4));
    const auto record = scene_.record();
    const auto old = static_cast<std::uint32_t>(record.fleet_of(record.current).size());
    lower_promise(rollout::capacity_promised(environment_.strategy, old, environment_.instances));
    auto& behaviour = scene_.world.behaviour[record.last_release + 1];
    behaviour.boot = base::Duration(random_.percent(10) ? 60'000 : random_.below(3000));
    if (random_.percent(15)) behaviour.sick_after = base::Duration(random_.below(8000));
    auto request = scene_.request(static_cast<std::uint8_t>(random_.between(1, 250)), environment_);
    request.force = true;
    trace("deploy " + request.digest.short_hex() + " x" +
          std::to_string(request.environment.instances));
    finish(with_driver([&](deploy::Driver& driver) {
      return driver.deploy(request, {}, scene_.stop.get_token());
    }));
  }

  void return_to_earlier() {
    const auto record = scene_.record();
    std::optional<std::uint64_t> release;
    if (random_.percent(50) && !record.releases.empty()) {
      release = random_.pick(record.releases).number;
    }
    std::size_t least = record.fleet_of(record.current).size();
    for (const rollout::Release& one : record.releases) least = std::min(least, one.fleet.size());
    lower_promise(static_cast<std::uint32_t>(least));
    trace("roll back to " + std::to_string(release.value_or(0)));
    finish(with_driver([&](deploy::Driver& driver) {
      return driver.roll_back(scene_.key, release, {}, scene_.stop.get_token());
    }));
  }

  using Call = std::function<base::Result<deploy::DeploymentResult>(deploy::Driver&)>;
  base::Result<deploy::DeploymentResult> with_driver(const Call& call) {
    MortalJournal journal(scene_.disk, [this](const std::string& what) { return strike(what); });
    support::FakeWaiter waiter(scene_.world);
    deploy::Driver driver(journal, scene_.ports, waiter, scene_.world.clock);
    return call(driver);
  }

  void finish(const base::Result<deploy::DeploymentResult>& result) {
    trace(result ? "  -> release " + std::to_string(result->release) + " " + result->reason
                 : "  -> " + result.error().to_string());
  }

  void leave_in_peace() {
    luck_ = {};
    scene_.stop = std::stop_source();
    scene_.world.failing_gates.clear();
    heal();
    trace("left in peace");
    finish(scene_.resume());
    const auto record = scene_.record();
    require(!is_unfinished(record), "left in peace, the deployment does not end");
    const auto names = [](const rollout::Fleet& fleet) {
      std::set<std::string> set;
      for (const rollout::Instance& one : fleet) set.insert(one.name);
      return set;
    };
    auto expected = names(record.fleet_of(record.current));
    std::set<std::string> reached;
    for (const auto& endpoint : reachable(scene_.world.traffic)) reached.insert(endpoint.instance);
    require(reached == expected, "users do not reach exactly the current release");
    if (record.previous_is_warm) expected.merge(names(record.fleet_of(record.previous)));
    require(scene_.world.running() == expected, "an instance leaked, or one is missing");
    require(scene_.world.switch_running == (record.current != 0),
            "the switch leaked, or is missing");
    for (const std::uint64_t installed : scene_.world.installed) {
      require(record.find(installed) != nullptr, "files of a forgotten release leaked");
    }
  }

  Random random_;
  Scene scene_;
  model::Environment environment_;
  Luck luck_;
  std::uint32_t promise_ = 0;
};

}  // namespace

std::optional<std::string> play_deployment(std::uint64_t seed) {
  try {
    Play(seed).run();
  } catch (const Broken& broken) {
    return broken.invariant;
  } catch (const support::Misuse& misuse) {
    return misuse.what();
  }
  return std::nullopt;
}

}  // namespace pipeline::simulation
