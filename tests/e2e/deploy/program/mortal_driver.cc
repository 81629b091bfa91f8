// mortal-driver HOME LISTEN PREVIEW FIRST_PORT STRATEGY DIE_AT deploy DIGIT | resume | rollback |
//                                                              stop
//
// The deployment driver on real processes, a real HAProxy, real smoke tests and the real journal,
// which kills itself with SIGKILL at its DIE_AT-th moment (0: never). A moment is: an entry was
// journalled; an effect was had and its outcome is not journalled yet; half of a step was done.
// Prints the verdict and the release that serves. The artifact's digest is DIGIT alone: e fails its
// smoke test before traffic, f after its promotion, all others are good.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "runner/store/sqlite/sqlite_journal.h"
#include "stages/deploy/driver.h"
#include "stages/host/system_clock.h"
#include "tests/e2e/deploy/program/mortal_journal.h"
#include "tests/e2e/deploy/program/mortal_ports.h"

namespace pipeline {
namespace {

enum Argument { home = 1, listen, preview, first_port, strategy, die_at, command, digit };

model::StrategyKind strategy_of(const std::string& name) {
  if (name == "all-at-once") return model::StrategyKind::all_at_once;
  return name == "rolling" ? model::StrategyKind::rolling : model::StrategyKind::blue_green;
}

model::Environment environment(char** argv) {
  using namespace std::chrono_literals;
  model::Environment made;
  made.name = "production";
  made.instances = 2;
  made.start = "exec ./service $PORT \"$(cat word) $RELEASE\"";
  const auto first = static_cast<std::uint16_t>(std::atoi(argv[first_port]));
  made.ports = {first, static_cast<std::uint16_t>(first + 3)};
  made.health = {.http_path = "/", .interval = 20ms, .timeout = 2s, .rise = 1};
  made.traffic = {argv[listen], argv[preview]};
  made.strategy.kind = strategy_of(argv[strategy]);
  made.strategy.bake = 50ms;
  made.allow_downtime = made.strategy.kind == model::StrategyKind::all_at_once;
  made.gates.push_back({.gate = model::SmokeGate{.run = {"bash smoke.sh"}}, .span = {}});
  return made;
}

int tell(const base::Result<deploy::DeploymentResult>& result) {
  if (!result) {
    std::printf("error: %s\n", result.error().to_string().c_str());
    return 1;
  }
  constexpr const char* kVerdicts[] = {"promoted", "rolled back", "frozen", "unchanged",
                                       "restored"};
  std::printf("%s, release %llu serves: %s\n", kVerdicts[static_cast<int>(result->verdict)],
              static_cast<unsigned long long>(result->release), result->reason.c_str());
  return result->verdict == deploy::Verdict::frozen ? 1 : 0;
}

int drive(int argc, char** argv) {
  // What was said before it died is heard.
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  auto opened = store::open_sqlite_journal(store::Paths(argv[home]));
  if (!opened) return tell(base::fail(opened.error()));
  Moments moments(std::atoi(argv[die_at]));
  MortalJournal journal(**opened, moments);
  deploy::SystemWaiter waiter;
  const host::SystemClock clock;
  MortalPorts ports(argv[home], moments, clock);
  deploy::Driver driver(journal, ports, waiter, clock);
  const deploy::EnvironmentKey key{"shop", "production"};
  const std::string what = argv[command];
  if (what == "resume") return tell(driver.resume(key, {}, {}));
  if (what == "rollback") return tell(driver.roll_back({.key = key}, {}, {}));
  if (what == "stop") return driver.shut_down(key, {}) ? 0 : 1;
  if (what != "deploy" || argc != digit + 1) return 2;
  return tell(driver.deploy({.key = key,
                             .environment = environment(argv),
                             .artifact = "shop",
                             .digest = *base::Digest::parse(std::string(64, *argv[digit])),
                             .promote_from = {},
                             .repository = "repository",
                             .tree = "tree",
                             // What failed is tried again, and again.
                             .force = true},
                            {}, {}));
}

}  // namespace
}  // namespace pipeline

int main(int argc, char** argv) {
  if (argc <= pipeline::command) return 2;
  return pipeline::drive(argc, argv);
}
