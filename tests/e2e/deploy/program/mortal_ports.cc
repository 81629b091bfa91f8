#include "tests/e2e/deploy/program/mortal_ports.h"

#include <fstream>

#include "stages/deploy/gates/standard_gates.h"
#include "stages/deploy/haproxy/haproxy_switch.h"
#include "stages/deploy/probe/socket_prober.h"
#include "stages/deploy/process/process_target.h"
#include "stages/host/file.h"

namespace pipeline {

namespace {

namespace fs = std::filesystem;

class MortalTarget final : public deploy::Target {
 public:
  MortalTarget(std::unique_ptr<deploy::Target> target, Moments& moments)
      : target_(std::move(target)), moments_(moments) {}

  base::Result<> verify(const base::Digest& artifact) override { return target_->verify(artifact); }
  base::Result<> install(std::uint64_t release, const base::Digest& artifact) override {
    return target_->install(release, artifact);
  }
  base::Result<std::uint64_t> last_installed() override { return target_->last_installed(); }
  base::Result<> start(const deploy::InstanceSpec& spec) override {
    auto started = target_->start(spec);
    moments_.pass();
    return started;
  }
  base::Result<> stop(const std::string& instance) override {
    auto stopped = target_->stop(instance);
    moments_.pass();
    return stopped;
  }
  base::Result<std::vector<deploy::ObservedInstance>> observe() override {
    return target_->observe();
  }
  base::Result<> remove(std::uint64_t release) override { return target_->remove(release); }
  base::Result<std::vector<std::uint16_t>> free_ports(
      const model::PortRange& range, std::uint32_t count,
      const std::vector<std::uint16_t>& kept) override {
    return target_->free_ports(range, count, kept);
  }

 private:
  std::unique_ptr<deploy::Target> target_;
  Moments& moments_;
};

// A tree that lies in a directory. Whoever asks for it is about to run a smoke test.
class Tree final : public source::Source {
 public:
  Tree(fs::path directory, Moments& moments)
      : directory_(std::move(directory)), moments_(moments) {}

  base::Result<std::string> read_file(const source::Revision&, const std::string& path) override {
    return host::read_file(directory_ / path);
  }
  base::Result<source::WorkTree> work_tree(const std::string&, const std::string&) override {
    moments_.pass();
    return source::WorkTree(directory_, nullptr);
  }
  base::Result<source::Revision> snapshot(const fs::path&) override { return unused(); }
  base::Result<source::Revision> fetch(const std::string&, const std::string&,
                                       const source::FetchObserver&) override {
    return unused();
  }
  base::Result<std::vector<TreeEntry>> list_files(const source::Revision&,
                                                  const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> changed_paths(const std::string&, const std::string&,
                                                       const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> brought_by(const std::string&, const std::string&,
                                                    const std::string&) override {
    return unused();
  }

 private:
  static tl::unexpected<base::Error> unused() {
    return base::fail(base::ErrorKind::internal, "a gate has no use for this");
  }
  fs::path directory_;
  Moments& moments_;
};

// What the service answers with, and with it what the smoke test thinks of it.
const char* word_of(const base::Digest& digest) {
  switch (digest.hex().front()) {
    case 'e':
      return "bad";
    case 'f':
      return "late";
    default:
      return "good";
  }
}

base::Result<> is_there(const base::Digest& /*digest*/) {
  return {};
}

base::Result<> unpack_service(const base::Digest& digest, const fs::path& destination) {
  const auto service = fs::read_symlink("/proc/self/exe").parent_path() / "tiny-service";
  fs::create_directories(destination);
  fs::copy_file(service, destination / "service");
  std::ofstream(destination / "word") << word_of(digest);
  return {};
}

fs::path made(fs::path directory) {
  fs::create_directories(directory);
  return directory;
}

}  // namespace

MortalPorts::MortalPorts(fs::path home, Moments& moments, const base::Clock& clock)
    : home_(std::move(home)),
      moments_(moments),
      clock_(clock),
      source_(std::make_unique<Tree>(home_ / "tree", moments)),
      layers_(home_ / "layers"),
      artifacts_(home_ / "artifacts"),
      caches_(home_ / "caches", std::uint64_t{1} << 30U),
      workspaces_(made(home_ / "work")),
      launcher_(SANDBOX_PROGRAM) {}

MortalPorts::~MortalPorts() = default;

base::Result<deploy::EnvironmentPorts> MortalPorts::open(const deploy::EnvironmentKey& key,
                                                         const model::Environment& environment) {
  const auto directory = home_ / "environments" / key.pipeline / key.environment;
  deploy::EnvironmentPorts ports;
  ports.target = std::make_unique<MortalTarget>(
      std::make_unique<deploy::process::ProcessTarget>(
          directory, deploy::process::Artifacts{is_there, unpack_service}, INSTANCE_PROGRAM),
      moments_);
  ports.traffic = std::make_unique<deploy::haproxy::HaproxySwitch>(
      directory / "switch", environment.traffic, environment.health);
  ports.prober = std::make_unique<deploy::probe::SocketProber>();
  ports.gates = std::make_unique<deploy::gates::StandardGates>(
      deploy::gates::SmokeTools{.step = {.source = *source_,
                                         .layers = layers_,
                                         .artifacts = artifacts_,
                                         .caches = caches_,
                                         .workspaces = workspaces_,
                                         .launcher = launcher_},
                                .relay_program = RELAY_PROGRAM,
                                .directory = directory / "gates"},
      [] { return toggle::Settings{}; }, clock_);
  return ports;
}

}  // namespace pipeline
