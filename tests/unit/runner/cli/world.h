// What a command sees, in memory: a store, a deployer that answers as the test says, a clock that
// stands still, and output that is kept.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runner/cli/commands.h"
#include "runner/cli/finding.h"
#include "runner/engine/engine.h"
#include "stages/host/file.h"
#include "tests/support/deploy/flag_world.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/store/memory_secret_store.h"
#include "tests/support/store/memory_test_history.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::cli {

class ScriptedDeployer final : public deploy::Deployer {
 public:
  base::Result<deploy::DeploymentResult> deploy(const deploy::DeploymentRequest& request,
                                                const deploy::Observer& observer,
                                                std::stop_token /*stop*/) override {
    requests.push_back(request);
    return answer(observer);
  }
  base::Result<deploy::DeploymentResult> resume(const deploy::EnvironmentKey& /*key*/,
                                                const deploy::Observer& observer,
                                                std::stop_token /*stop*/) override {
    return answer(observer);
  }
  base::Result<deploy::DeploymentResult> roll_back(const deploy::RollbackRequest& request,
                                                   const deploy::Observer& observer,
                                                   std::stop_token /*stop*/) override {
    asked_release = request.release;
    return answer(observer);
  }
  base::Result<deploy::EnvironmentStatus> status(const deploy::EnvironmentKey& key) override {
    for (const auto& one : statuses) {
      if (one.key.pipeline == key.pipeline && one.key.environment == key.environment) return one;
    }
    return base::fail(base::ErrorKind::not_found, "no such environment");
  }
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    std::vector<deploy::EnvironmentKey> keys;
    for (const auto& one : statuses) keys.push_back(one.key);
    return keys;
  }
  base::Result<std::string> owner(const deploy::EnvironmentKey& /*key*/) override {
    return repository;
  }
  base::Result<> shut_down(const deploy::EnvironmentKey& /*key*/,
                           const deploy::Observer& observer) override {
    observer({"", "stop r1-1"});
    return {};
  }

  std::vector<deploy::EnvironmentStatus> statuses;
  deploy::DeploymentResult result;
  std::string repository;  // whose all of them are
  std::vector<deploy::DeploymentRequest> requests;
  std::optional<std::uint64_t> asked_release;

 private:
  base::Result<deploy::DeploymentResult> answer(const deploy::Observer& observer) const {
    observer({"prepared", "2 instances healthy"});
    return result;
  }
};

// A file in memory that a Console writes to.
class Captured {
 public:
  Captured() : fd_(::memfd_create("captured", MFD_CLOEXEC)) {}
  int fd() const { return fd_.get(); }
  std::string text() const {
    ::lseek(fd_.get(), 0, SEEK_SET);
    return host::read_all(fd_.get()).value();
  }

 private:
  host::UniqueFd fd_;
};

class World final : public Services {
 public:
  const base::Clock& clock() override { return clock_; }
  base::Result<const store::Paths*> paths() override { return &paths_; }
  base::Result<store::RunStore*> runs() override { return &store_; }
  base::Result<store::SecretVault*> secrets() override { return &secrets_; }
  base::Result<store::TestHistory*> tests() override { return &tests_; }
  base::Result<source::Source*> source() override { return absent<source::Source*>(); }
  base::Result<const artifact::ArtifactStore*> artifacts() override { return &artifacts_; }
  base::Result<engine::Workbench*> workbench() override { return absent<engine::Workbench*>(); }
  base::Result<deploy::Journal*> journal() override { return absent<deploy::Journal*>(); }
  base::Result<deploy::Deployer*> deployer() override { return &deployer_; }
  base::Result<toggles::ToggleDesk*> toggles() override { return &flags_.desk(); }
  void expect_jobs(SandboxWish /*sandbox*/) override {}
  base::Result<std::unique_ptr<link::Link>> make_worker(SandboxWish /*sandbox*/, JobLives /*jobs*/,
                                                        link::MakeChild /*child*/) override {
    return absent<std::unique_ptr<link::Link>>();
  }
  base::Result<> use_state_directory(const std::filesystem::path& /*directory*/) override {
    return absent<void>();
  }
  std::unique_ptr<store::DatabaseKeeper> make_database_keeper(
      const store::Paths& /*paths*/) override {
    return nullptr;
  }
  base::Result<> serve(const ServeOrder& /*order*/) override { return absent<void>(); }
  std::vector<Finding> look_before_serving(const settings::ServerSettings& /*settings*/,
                                           const store::Paths& /*paths*/) override {
    return {};
  }
  base::Result<> work_as_agent(const AgentOptions& /*options*/) override { return absent<void>(); }
  std::unique_ptr<Services> another() const override { return nullptr; }

  template <class Options>
  Outcome execute(const Options& options) {
    Console console(out_.fd(), err_.fd(), ColorWish::never);
    Context context{*this, console, directory_.path()};
    return cli::execute(options, context);
  }
  std::string out() const { return out_.text(); }

  // A run of a pipeline with the stages a and b, of which these are the events after its beginning.
  run::RunId add_run(std::vector<run::EventBody> bodies,
                     const std::string& repository = "/srv/shop",
                     const std::string& commit = "3f2a1b7c9d00112233445566778899aabbccddee") {
    const auto created = store_.create();
    run::RunSpec spec;
    spec.repository = repository;
    spec.pipeline = "shop";
    spec.pipeline_file = "pipeline.toml";
    spec.pipeline_text =
        "name = \"shop\"\n[[stage]]\nname = \"a\"\nrun = \"true\"\n"
        "[[stage]]\nname = \"b\"\nrun = \"true\"\n";
    spec.facts.branch = "main";
    spec.facts.commit = commit;
    bodies.insert(bodies.begin(), run::RunCreated{spec});
    std::vector<run::Event> events;
    for (auto& body : bodies) {
      events.push_back({events.size() + 1, clock_.now(), std::move(body)});
      clock_.advance(std::chrono::seconds(1));
    }
    const auto appended = store_.append(created->id, events);
    EXPECT_TRUE(appended) << appended.error().to_string();
    return created->id;
  }

  support::ManualClock& manual_clock() { return clock_; }
  ScriptedDeployer& scripted_deployer() { return deployer_; }
  support::FlagWorld& flags() { return flags_; }
  const support::TemporaryDirectory& directory() const { return directory_; }
  const store::Paths& places() const { return paths_; }

 private:
  template <class T>
  static base::Result<T> absent() {
    return base::fail(base::ErrorKind::internal, "this test has no such part");
  }

  support::TemporaryDirectory directory_;
  support::ManualClock clock_;
  store::Paths paths_{directory_.path() / "home"};
  support::MemoryDisk disk_;
  support::MemoryRunStore store_{disk_};
  support::MemorySecrets secret_rows_;
  support::MemorySecretStore secret_store_{secret_rows_};
  support::MemoryTestHistory tests_;
  store::SecretVault secrets_{secret_store_, {paths_.secret_key(), secret::KeyPlace::Owner::us}};
  artifact::ArtifactStore artifacts_{paths_.artifacts()};
  ScriptedDeployer deployer_;
  support::FlagWorld flags_{clock_};
  Captured out_;
  Captured err_;
};

}  // namespace pipeline::cli
