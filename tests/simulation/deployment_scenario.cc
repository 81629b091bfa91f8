// Two environments of one machine, a dozen commands, each by a process that may die, be stopped or
// lose its turn at any moment; a world in which releases are slow, fall sick or fail their gates,
// calls are refused, instances and the switch crash, and the machine reboots. Processes queue for
// an environment, break in on each other, and one that stood still finds that another has its turn.
//
// Invariants, after every call and every wait: users reach at least as many healthy instances as
// the strategy promised, less those that a fault took; only the latest fence acts; nothing is
// touched while the environment is frozen; no digest that was rolled back is installed without
// force, nor one that did not pass where it is promoted from; nothing is promoted that its gates
// refuse. After every command: it ended, the journal can be read, and the status tells what there
// is. At the end, and after a reboot, left in peace and resumed: exactly one release serves, with
// its whole fleet; nothing but it and a warm previous fleet runs.
#include <algorithm>

#include "pipelines/rollout/strategy.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/mortal_journal.h"
#include "tests/simulation/mortal_store.h"

namespace pipeline::simulation {

namespace {

using model::StrategyKind;
using Does = Actor::Does;
using Outcome = base::Result<deploy::DeploymentResult>;

constexpr std::uint64_t kMostCalls = 20'000;
constexpr std::uint8_t kDigests = 6;

bool is_effect(const std::string& call) {
  for (const char* verb : {"install", "start", "stop", "remove", "run", "assign", "shut"}) {
    if (call.starts_with(verb)) return true;
  }
  return false;
}

bool says(const Outcome& outcome, const std::string& words) {
  return !outcome && outcome.error().to_string().find(words) != std::string::npos;
}

class Play {
 public:
  explicit Play(std::uint64_t seed)
      : random_(seed),
        staging_("staging", random_kind(), random_, disk_),
        production_("production", random_kind(), random_, disk_) {
    for (Site* site : sites_) {
      ports_.add(site->key(), site->world());
      site->world().on_call = [this](support::Moment moment, const std::string& call) {
        return strike(call, moment);
      };
      site->world().on_wait = [this] { (void)strike("wait", support::Moment::before); };
    }
    faults_ = random_.percent(35);
    crowd_ = random_.percent(50);
  }

  void run() {
    const std::uint64_t commands = random_.between(3, 12);
    for (std::uint64_t i = 0; i < commands; ++i) {
      Site& site = random_.percent(50) ? staging_ : production_;
      Actor actor = somebody(site);
      if (crowd_ && random_.percent(20)) {
        // Somebody else was there first.
        actor.blocker = *support::MemoryJournal(disk_).enqueue(site.key());
      }
      command(actor);
      quiet(site);
      for (Site* each : sites_) {
        each->world().clock.advance(std::chrono::seconds(random_.below(90)));
      }
      if (faults_ && random_.percent(15)) fault(site);
    }
    for (Site* site : sites_) bring_back(*site);
  }

 private:
  StrategyKind random_kind() {
    return random_.pick(
        std::vector{StrategyKind::all_at_once, StrategyKind::rolling, StrategyKind::blue_green});
  }

  // ---- who comes -----------------------------------------------------------------------------

  Actor somebody(Site& site) {
    Actor actor{.site = &site};
    actor.luck = {.kill = random_.percent(50) ? random_.between(1, 6) : 0,
                  .refuse = random_.percent(25) ? random_.between(1, 5) : 0,
                  .stop = random_.percent(15) ? random_.between(1, 10) : 0,
                  .crash = faults_ && random_.percent(40) ? random_.between(1, 4) : 0,
                  .intrude = crowd_ && random_.percent(50) ? random_.between(1, 5) : 0};
    for (const char* gate : {"smoke before", "smoke after", "toggle before"}) {
      if (random_.percent(12)) actor.failing_gates.insert(gate);
    }
    const std::uint64_t dice = random_.below(100);
    if (dice < 55) {
      make_request(actor);
    } else if (dice < 75) {
      actor.does = Does::resume;
    } else if (dice < 93) {
      actor.does = Does::roll_back;
      const auto record = site.record();
      if (random_.percent(50) && !record.releases.empty()) {
        actor.release = random_.pick(record.releases).number;
      }
    } else {
      actor.does = Does::shut_down;
    }
    return actor;
  }

  void make_request(Actor& actor) {
    Site& site = *actor.site;
    site.environment().instances = static_cast<std::uint32_t>(random_.between(1, 4));
    actor.request = {.key = site.key(),
                     .environment = site.environment(),
                     .artifact = "shop",
                     .digest = random_digest(),
                     .promote_from = {},
                     .repository = {},
                     .tree = "tree"};
    if (&site == &production_ && random_.percent(60)) actor.request.promote_from = {"staging"};
    actor.request.force = random_.percent(30);
  }
  base::Digest random_digest() {
    return support::fake_digest(static_cast<std::uint8_t>(random_.between(1, kDigests)));
  }

  // ---- one command ---------------------------------------------------------------------------

  void command(Actor& actor) {
    trace(margin() + describe(actor));
    acting_.push_back(&actor);
    take_stage();
    try {
      const Outcome outcome = carry_out(actor);
      trace(margin() + "-> " +
            (outcome ? "release " + std::to_string(outcome->release) + " " + outcome->reason
                     : outcome.error().to_string()));
      judge(actor, outcome);
    } catch (const Killed&) {
      // The process is gone; the world, the disk and its users are not.
    }
    if (actor.does == Does::shut_down) actor.site->count_losses();
    actor.blocker.reset();
    acting_.pop_back();
    take_stage();
    if (!has_somebodys_turn(*actor.site)) actor.site->settle_promise();
  }
  bool has_somebodys_turn(Site& site) const {
    return std::ranges::any_of(acting_, [&site](const Actor* actor) {
      return actor->site == &site && actor->fence != 0 && actor->fence == site.latest_fence();
    });
  }

  // Gates answer whoever acts as is their fate.
  void take_stage() {
    for (Site* site : sites_) {
      site->world().failing_gates =
          acting_.empty() ? std::set<std::string>() : acting_.back()->failing_gates;
    }
  }

  std::string margin() const { return std::string(2 * acting_.size(), ' '); }
  static std::string describe(const Actor& actor) {
    const std::string at = " " + actor.site->key().environment;
    switch (actor.does) {
      case Does::deploy:
        return "deploy" + at + " " + actor.request.digest.short_hex() + " x" +
               std::to_string(actor.request.environment.instances) +
               (!actor.request.promote_from.empty() ? " from staging" : "") +
               (actor.request.force ? " --force" : "");
      case Does::resume:
        return "resume" + at;
      case Does::roll_back:
        return "roll back" + at + " to " + std::to_string(actor.release.value_or(0));
      case Does::shut_down:
        return "stop" + at;
      case Does::look:
        break;
    }
    return "status" + at;
  }

  Outcome carry_out(Actor& actor) {
    Site& site = *actor.site;
    MortalJournal journal(
        disk_, std::move(actor.place),
        {.strike =
             [this](const std::string& call) { return strike(call, support::Moment::before); },
         .on_turn = [this, &actor](std::uint64_t fence) { take_turn(actor, fence); },
         .on_entry = [&site](const rollout::Entry& entry) { site.witness().saw_entry(entry); }});
    support::FakeWaiter waiter(site.world());
    deploy::Driver driver(journal, ports_, waiter, site.world().clock);
    const std::stop_token stop = actor.stop.get_token();
    switch (actor.does) {
      case Does::deploy:
        return driver.deploy(actor.request, {}, stop);
      case Does::resume:
        return driver.resume(site.key(), {}, stop);
      case Does::roll_back:
        return driver.roll_back({.key = site.key(), .release = actor.release}, {}, stop);
      case Does::shut_down: {
        const auto done = driver.shut_down(site.key(), {});
        if (!done) return base::fail(done.error());
        return deploy::DeploymentResult{};
      }
      case Does::look:
        break;
    }
    const auto status = driver.status(site.key());
    if (!status) return base::fail(status.error());
    if (acting_.size() == 1) check_status(site, *status);
    return deploy::DeploymentResult{
        .release = status->release, .reason = status->state, .blame = {}};
  }

  // What the actor finds when its turn comes, before it does anything.
  void take_turn(Actor& actor, std::uint64_t fence) {
    Site& site = *actor.site;
    actor.fence = fence;
    const auto record = site.record();
    actor.met_unfinished = is_unfinished(record);
    actor.met_frozen = record.deployment && record.deployment->state == rollout::State::frozen;
    actor.met_bad = site.witness().is_bad(actor.request.digest);
    const std::size_t old = record.fleet_of(record.current).size();
    if (actor.does == Does::deploy) {
      const model::Environment& wanted = actor.request.environment;
      // A strategy promises of a whole fleet.
      const std::size_t missing = old - std::min(old, site.world().served().size());
      const std::size_t promised = rollout::capacity_promised(
          wanted.strategy, static_cast<std::uint32_t>(old), wanted.instances);
      site.lower_promise(promised - std::min(promised, missing));
      auto& behaviour = site.world().behaviour[record.last_release + 1];
      behaviour.boot = base::Duration(random_.percent(10) ? 60'000 : random_.below(3000));
      if (random_.percent(15)) behaviour.sick_after = base::Duration(random_.below(8000));
      if (behaviour.sick_after || behaviour.boot > std::chrono::seconds(20)) {
        site.witness().suspect(actor.request.digest);
      }
    } else if (actor.does == Does::roll_back) {
      std::size_t least = old;
      for (const rollout::Release& one : record.releases) least = std::min(least, one.fleet.size());
      site.lower_promise(least);
    } else if (actor.does == Does::shut_down) {
      site.lower_promise(0);
      // Half of it may be all that happens.
      site.disturb();
    }
  }

  // ---- what may happen at every call and every wait --------------------------------------------

  base::Result<> strike(const std::string& call, support::Moment moment) {
    Actor& actor = *acting_.back();
    Site& site = *actor.site;
    trace(margin() + call);
    require(++actor.calls < kMostCalls, "a command does not end");
    site.check_promise(call);
    if (moment == support::Moment::before && is_effect(call)) check_effect(actor, call);
    if (moment == support::Moment::after && call == "assign") site.check_reached();
    if (random_.percent(actor.luck.crash)) fault(site);
    if (call == "wait" || call == "before append") meet_others(actor);
    if (random_.percent(actor.luck.stop)) {
      trace(margin() + "is told to stop");
      actor.stop.request_stop();
    }
    if (random_.percent(actor.luck.kill)) {
      trace(margin() + "is killed");
      throw Killed{};
    }
    if (random_.percent(actor.luck.refuse)) {
      trace(margin() + "is refused");
      return base::fail(base::ErrorKind::io, "refused: " + call);
    }
    return {};
  }

  void meet_others(Actor& actor) {
    Site& site = *actor.site;
    if (actor.fence == 0 && actor.blocker && random_.percent(30)) {
      Actor first = somebody(site);
      first.place = std::move(actor.blocker);
      command(first);
      return;
    }
    // Those who break in are left alone, so that it ends.
    if (acting_.size() > 1 || !random_.percent(actor.luck.intrude)) return;
    Actor other = somebody(site);
    other.luck.intrude = 0;
    if (random_.percent(25)) {
      other.does = Does::look;
    } else if (actor.fence == 0 || random_.percent(40)) {
      // Waits in vain until it has enough.
      other.luck = {.stop = 30};
      if (actor.fence == 0 && !actor.blocker) return;
      if (other.does == Does::shut_down) return;  // cannot be told to stop
    } else if (site.in_queue() != 0) {
      trace(margin() + "stands still, and loses its turn");
      if (actor.does == Does::shut_down) site.count_losses();
      site.lose_first_place();
    }
    command(other);
  }

  // Something breaks.
  void fault(Site& site) {
    support::FakeWorld& world = site.world();
    disturb(site);
    const std::uint64_t dice = random_.below(10);
    if (dice == 0) {
      reboot();
    } else if (dice < 3) {
      trace(margin() + "the switch of " + site.key().environment + " dies");
      world.lose_switch();
      site.lower_promise(0);
    } else if (!world.instances.empty()) {
      const auto running = world.running();
      const std::string name = random_.pick(std::vector(running.begin(), running.end()));
      trace(margin() + name + (dice < 7 ? " crashes" : " is lost"));
      site.lower_promise_by_one();
      dice < 7 ? world.crash(name) : world.lose(name);
    }
  }
  void reboot() {
    trace(margin() + "the machine reboots");
    for (Site* site : sites_) {
      disturb(*site);
      site->lower_promise(0);
      site->world().reboot();
    }
    // Whoever broke in may be deep in the stack of another: all of them go.
    for (Actor* actor : acting_) actor->luck = {.kill = 100};
    if (!acting_.empty()) throw Killed{};
  }
  void disturb(Site& site) {
    site.disturb();
    for (std::uint8_t number = 1; number <= kDigests; ++number) {
      site.witness().suspect(support::fake_digest(number));
    }
  }

  // ---- what must hold --------------------------------------------------------------------------

  void check_effect(const Actor& actor, const std::string& call) {
    Site& site = *actor.site;
    require(actor.does != Does::look, "looking does \"" + call + "\"");
    require(actor.fence != 0 && actor.fence == site.latest_fence(),
            "\"" + call + "\" by a process that does not have its turn");
    const bool may = actor.does == Does::resume || actor.does == Does::shut_down;
    require(!actor.met_frozen || may, "\"" + call + "\" in a frozen environment");
    if (actor.does != Does::deploy || !call.starts_with("install")) return;
    const deploy::DeploymentRequest& request = actor.request;
    require(request.force || !site.witness().is_bad(request.digest),
            request.digest.short_hex() + " was rolled back here, and is installed without force");
    require(request.promote_from.empty() || staging_.witness().went_through_gates(request.digest),
            request.digest.short_hex() + " never went through the gates of staging");
  }

  void judge(const Actor& actor, const Outcome& outcome) {
    Site& site = *actor.site;
    const bool bad = actor.does == Does::deploy && !actor.request.force && actor.met_bad;
    require(!bad || actor.met_unfinished || !outcome, "a bad digest is not refused without force");
    require(!says(outcome, "was rolled back in") || site.witness().may_be_bad(actor.request.digest),
            actor.request.digest.short_hex() + " is refused, and nothing was ever wrong with it");
    require(!says(outcome, "did not pass the gates") ||
                !staging_.witness().has_passed(actor.request.digest),
            actor.request.digest.short_hex() + " is refused, though it passed in staging");
    const bool changes = actor.does == Does::deploy || actor.does == Does::roll_back;
    require(!changes || !actor.met_frozen || !outcome, "a frozen environment was deployed to");
    if (!outcome || actor.fence != site.latest_fence()) return;
    require(outcome->release == site.record().current, "another release serves than was said");
    if (actor.does == Does::shut_down) {
      require(site.world().running().empty() && !site.world().switch_running,
              "something runs after everything was stopped");
      site.recover();
    }
    if (actor.does == Does::deploy && outcome->verdict == deploy::Verdict::unchanged) {
      const auto record = site.record();
      require(record.find(record.current)->digest == actor.request.digest,
              "it is said to serve already, and another digest does");
      require(actor.luck.crash != 0 || (site.world().switch_running && site.is_running(record)),
              "it is said to serve already, and is not there");
    }
  }

  // Nobody acts.
  void quiet(Site& site) {
    require(site.in_queue() == 0, "a dead process holds a place");
    for (const base::Digest& digest : site.record().bad) {
      require(site.witness().may_be_bad(digest),
              digest.short_hex() + " counts as bad, and nothing was ever wrong with it");
    }
    Actor visitor{.site = &site, .does = Does::look};
    command(visitor);
  }

  static void check_status(Site& site, const deploy::EnvironmentStatus& status) {
    std::set<std::string> serving;
    for (const deploy::InstanceStatus& one : status.instances) {
      if (one.healthy && one.in_traffic) serving.insert(one.name);
    }
    require(serving == site.world().served(), "the status does not tell who serves");
  }

  void bring_back(Site& site) {
    trace(site.key().environment + " is left in peace");
    site.heal();
    Actor medic{.site = &site, .does = Does::resume};
    command(medic);
    site.check_peace();
    require(site.is_whole(), "left in peace, " + site.key().environment + " does not serve");
    site.recover();
  }

  Random random_;
  support::JournalDisk disk_;
  support::FakePortsFactory ports_;
  Site staging_;
  Site production_;
  Site* sites_[2] = {&staging_, &production_};
  std::vector<Actor*> acting_;  // the last one acts, the others stand still
  bool faults_ = false;         // whether the machine has faults
  bool crowd_ = false;          // whether processes meet
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
