// A ToggleStore in memory, held to the same contract as the one on SQLite. Its contents outlive the
// object, as a disk outlives a process.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "runner/store/toggle_store.h"

namespace pipeline::support {

// Must outlive the stores on it.
struct MemoryToggles {
  std::map<deploy::EnvironmentKey, toggle::Settings> settings;
  std::vector<std::pair<deploy::EnvironmentKey, store::ToggleChange>> changes;
  std::map<deploy::EnvironmentKey, store::FlagFile> files;
};

class MemoryToggleStore final : public store::ToggleStore {
 public:
  explicit MemoryToggleStore(MemoryToggles& toggles) : toggles_(toggles) {}

  base::Result<std::optional<toggle::Setting>> change(const deploy::EnvironmentKey& key,
                                                      const store::ToggleChange& change) override {
    toggle::Settings& settings = toggles_.settings[key];
    const auto found = settings.find(change.flag);
    const auto before =
        found == settings.end() ? std::nullopt : std::optional<toggle::Setting>(found->second);
    settings.erase(change.flag);
    if (change.value)
      settings[change.flag] = {.value = *change.value, .by = change.by, .at = change.at};
    toggles_.changes.emplace_back(key, change);
    toggles_.changes.back().second.number = toggles_.changes.size();
    return before;
  }
  base::Result<toggle::Settings> settings(const deploy::EnvironmentKey& key) override {
    return toggles_.settings[key];
  }
  base::Result<std::vector<store::ToggleChange>> history(const deploy::EnvironmentKey& key,
                                                         const std::string& flag,
                                                         std::size_t limit) override {
    std::vector<store::ToggleChange> some;
    for (const auto& [of, change] : toggles_.changes)
      if (of == key && change.flag == flag) some.insert(some.begin(), change);
    some.resize(std::min(some.size(), limit));
    return some;
  }
  base::Result<std::uint64_t> newest() override { return toggles_.changes.size(); }
  base::Result<> keep_file(const deploy::EnvironmentKey& key,
                           const store::FlagFile& file) override {
    toggles_.files[key] = file;
    return {};
  }
  base::Result<std::optional<store::FlagFile>> file(const deploy::EnvironmentKey& key) override {
    const auto found = toggles_.files.find(key);
    return found == toggles_.files.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  MemoryToggles& toggles_;
};

}  // namespace pipeline::support
