// mortal-driver HOME LISTEN PREVIEW FIRST_PORT STRATEGY deploy DIGIT DIE_AT | resume | stop
//
// The deployment driver on real processes, a real HAProxy and the real journal, which kills itself
// with SIGKILL at its DIE_AT-th moment (0: never). A moment is: an entry was journalled, or an
// effect was had and its outcome is not journalled yet. The artifact is tiny-service, which lies
// beside this program. Prints the verdict and the release that serves.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "runner/store/sqlite/sqlite_journal.h"
#include "stages/deploy/driver.h"
#include "stages/deploy/haproxy/haproxy_switch.h"
#include "stages/deploy/probe/socket_prober.h"
#include "stages/deploy/process/process_target.h"
#include "stages/host/system_clock.h"

namespace pipeline {
namespace {

class MortalJournal final : public deploy::Journal {
 public:
  MortalJournal(deploy::Journal& journal, int die_at) : journal_(journal), left_(die_at) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override {
    return journal_.enqueue(key);
  }
  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override {
    return journal_.holder(key);
  }
  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override {
    if (std::holds_alternative<rollout::Outcome>(entry.body)) moment();
    auto appended = journal_.append(key, fence, entry);
    moment();
    return appended;
  }
  base::Result<std::vector<rollout::Entry>> read(const deploy::EnvironmentKey& key) override {
    return journal_.read(key);
  }
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    return journal_.environments();
  }

 private:
  void moment() {
    if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
  }
  deploy::Journal& journal_;
  int left_;
};

// Gates have tests of their own.
class OpenGates final : public deploy::GateKeeper {
 public:
  base::Result<deploy::GateVerdict> ask(const model::GateSpec&, const deploy::GateContext&,
                                        std::stop_token) override {
    return deploy::GateVerdict{true, "open"};
  }
};

base::Result<> is_there(const base::Digest&) {
  return {};
}

base::Result<> unpack_service(const base::Digest&, const std::filesystem::path& destination) {
  const auto service =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tiny-service";
  std::filesystem::create_directories(destination);
  std::filesystem::copy_file(service, destination / "service");
  return {};
}

class Ports final : public deploy::EnvironmentPortsFactory {
 public:
  explicit Ports(std::filesystem::path home) : home_(std::move(home)) {}
  base::Result<deploy::EnvironmentPorts> open(const deploy::EnvironmentKey& key,
                                              const model::Environment& environment) override {
    const auto directory = home_ / "environments" / key.pipeline / key.environment;
    return deploy::EnvironmentPorts{
        std::make_unique<deploy::process::ProcessTarget>(
            directory, deploy::process::Artifacts{is_there, unpack_service}, INSTANCE_PROGRAM),
        std::make_unique<deploy::haproxy::HaproxySwitch>(directory / "switch", environment.traffic,
                                                         environment.health),
        std::make_unique<deploy::probe::SocketProber>(), std::make_unique<OpenGates>()};
  }

 private:
  std::filesystem::path home_;
};

model::Environment environment(char** argv) {
  using namespace std::chrono_literals;
  model::Environment made;
  made.name = "production";
  made.instances = 2;
  made.start = "exec ./service $PORT $INSTANCE";
  const auto first = static_cast<std::uint16_t>(std::atoi(argv[4]));
  made.ports = {first, static_cast<std::uint16_t>(first + 3)};
  made.health = {.http_path = "/", .interval = 20ms, .timeout = 2s, .rise = 1};
  made.traffic = {argv[2], argv[3]};
  made.strategy.kind = std::string(argv[5]) == "rolling" ? model::StrategyKind::rolling
                                                         : model::StrategyKind::blue_green;
  made.strategy.bake = 50ms;
  made.gates.push_back({.gate = model::SmokeGate{.run = {"true"}}, .span = {}});
  return made;
}

int tell(const base::Result<deploy::DeploymentResult>& result) {
  if (!result) {
    std::fprintf(stderr, "error: %s\n", result.error().to_string().c_str());
    return 1;
  }
  constexpr const char* kVerdicts[] = {"promoted", "rolled back", "frozen", "unchanged",
                                       "restored"};
  std::printf("%s, release %llu %s\n", kVerdicts[static_cast<int>(result->verdict)],
              static_cast<unsigned long long>(result->release), result->reason.c_str());
  return result->verdict == deploy::Verdict::frozen ? 1 : 0;
}

int drive(int argc, char** argv) {
  const std::filesystem::path home = argv[1];
  auto opened = store::open_sqlite_journal(store::Paths(home));
  if (!opened) return tell(base::fail(opened.error()));
  const std::string command = argv[6];
  MortalJournal journal(**opened, argc > 8 ? std::atoi(argv[8]) : 0);
  Ports ports(home);
  deploy::SystemWaiter waiter;
  const host::SystemClock clock;
  deploy::Driver driver(journal, ports, waiter, clock);
  const deploy::EnvironmentKey key{"shop", "production"};
  if (command == "resume") return tell(driver.resume(key, {}, {}));
  if (command == "stop") return driver.shut_down(key, {}) ? 0 : 1;
  const deploy::DeploymentRequest request{.key = key,
                                          .environment = environment(argv),
                                          .artifact = "shop",
                                          .digest = *base::Digest::parse(std::string(64, *argv[7])),
                                          .promote_from = {},
                                          .repository = {},
                                          .tree = {}};
  return tell(driver.deploy(request, {}, {}));
}

}  // namespace
}  // namespace pipeline

int main(int argc, char** argv) {
  if (argc < 7) return 2;
  return pipeline::drive(argc, argv);
}
