#include "runner/cli/local_toggles.h"

#include "runner/cli/environments.h"
#include "runner/cli/user_mistake.h"
#include "runner/cli/user_name.h"

namespace pipeline::cli {

namespace {

using base::Result;
using deploy::EnvironmentKey;
using toggle::Setting;

class LocalToggles final : public ToggleBoard {
 public:
  LocalToggles(toggles::ToggleDesk& desk, const base::Clock& clock, std::filesystem::path directory)
      : desk_(desk), clock_(clock), directory_(std::move(directory)) {}

  Result<std::vector<toggles::EnvironmentToggles>> all() override {
    PIPELINE_ASSIGN(const auto keys, desk_.environments());
    std::vector<toggles::EnvironmentToggles> all;
    for (const EnvironmentKey& key : keys) {
      PIPELINE_ASSIGN(const auto flags, desk_.look(key));
      all.push_back(toggles::view_of(flags, clock_.now()));
    }
    return all;
  }
  // Not of another repository's pipeline than the one that the user stands in.
  Result<EnvironmentKey> find(const std::string& name) override {
    PIPELINE_ASSIGN(const auto keys, desk_.environments());
    PIPELINE_ASSIGN(EnvironmentKey key, find_environment(name, keys));
    PIPELINE_ASSIGN(const std::string owner, desk_.owner(key));
    PIPELINE_TRY(check_owner(name, key, owner, directory_));
    return key;
  }
  Result<std::vector<store::ToggleChange>> history(const EnvironmentKey& key,
                                                   const std::string& flag) override {
    return desk_.history(key, flag);
  }
  Result<std::optional<Setting>> set(const EnvironmentKey& key, const std::string& flag,
                                     const std::string& value) override {
    return of_a_name(desk_.set(key, flag, value, user_name()));
  }
  Result<Setting> clear(const EnvironmentKey& key, const std::string& flag) override {
    return of_a_name(desk_.clear(key, flag, user_name()));
  }

 private:
  toggles::ToggleDesk& desk_;
  const base::Clock& clock_;
  const std::filesystem::path directory_;
};

}  // namespace

Result<std::unique_ptr<ToggleBoard>> local_toggles(const Context& context) {
  PIPELINE_ASSIGN(toggles::ToggleDesk* const desk, context.services.toggles());
  return std::make_unique<LocalToggles>(*desk, context.services.clock(), context.directory);
}

}  // namespace pipeline::cli
