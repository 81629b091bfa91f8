#include "runner/cli/local_desk.h"

#include "runner/cli/environments.h"
#include "runner/cli/user_name.h"

namespace pipeline::cli {

namespace {

using base::Result;
using deploy::EnvironmentKey;

class LocalDesk final : public EnvironmentDesk {
 public:
  LocalDesk(deploy::Deployer& deployer, std::filesystem::path directory)
      : deployer_(deployer), directory_(std::move(directory)) {}

  Result<std::vector<EnvironmentKey>> environments() override { return deployer_.environments(); }
  Result<deploy::EnvironmentStatus> status(const EnvironmentKey& key) override {
    return deployer_.status(key);
  }
  Result<deploy::EnvironmentStatus> examine(const EnvironmentKey& key) override {
    return deployer_.examine(key);
  }
  // Not of another repository's pipeline than the one that the user stands in.
  Result<EnvironmentKey> find(const std::string& name) override {
    PIPELINE_ASSIGN(const auto all, deployer_.environments());
    PIPELINE_ASSIGN(EnvironmentKey key, find_environment(name, all));
    PIPELINE_ASSIGN(const std::string owner, deployer_.owner(key));
    PIPELINE_TRY(check_owner(name, key, owner, directory_));
    return key;
  }
  Result<deploy::DeploymentResult> resume(const EnvironmentKey& key,
                                          const deploy::Observer& observer,
                                          std::stop_token stop) override {
    return deployer_.resume(key, observer, std::move(stop));
  }
  Result<deploy::DeploymentResult> roll_back(const EnvironmentKey& key,
                                             std::optional<std::uint64_t> release,
                                             const deploy::Observer& observer,
                                             std::stop_token stop) override {
    return deployer_.roll_back({.key = key, .release = release, .by = user_name()}, observer,
                               std::move(stop));
  }
  Result<> shut_down(const EnvironmentKey& key, const deploy::Observer& observer) override {
    return deployer_.shut_down(key, observer);
  }

 private:
  deploy::Deployer& deployer_;
  const std::filesystem::path directory_;
};

}  // namespace

Result<std::unique_ptr<EnvironmentDesk>> local_desk(const Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  return std::make_unique<LocalDesk>(*deployer, context.directory);
}

}  // namespace pipeline::cli
