// What operators set flags of environments to, every change ever made of it, and the flag file that
// an environment's release carries. A port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage: a call is one transaction, and survives
// a power cut once it has returned. Threads: an object belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/toggle/setting.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::store {

// One word of one operator.
struct ToggleChange {
  std::uint64_t number = 0;            // 1, 2, 3 … over all environments: the store's to choose
  std::string flag{};                  // its key
  std::optional<std::string> value{};  // none: the file's again
  std::string by{};
  base::TimePoint at{};
  bool operator==(const ToggleChange&) const = default;
};

// Kept, because the repository it is from may be away when it is needed.
struct FlagFile {
  std::uint64_t release = 0;
  std::string text;
  bool operator==(const FlagFile&) const = default;
};

class ToggleStore {
 public:
  virtual ~ToggleStore() = default;
  // The change's number is not looked at. What the flag was set to before; none: to nothing.
  virtual base::Result<std::optional<toggle::Setting>> change(const deploy::EnvironmentKey& key,
                                                              const ToggleChange& change) = 0;
  // What is set now.
  virtual base::Result<toggle::Settings> settings(const deploy::EnvironmentKey& key) = 0;
  // The changes of one flag, newest first, at most `limit`.
  virtual base::Result<std::vector<ToggleChange>> history(const deploy::EnvironmentKey& key,
                                                          const std::string& flag,
                                                          std::size_t limit) = 0;
  // The number of the newest change of all; 0: there is none.
  virtual base::Result<std::uint64_t> newest() = 0;

  // Takes the place of the one that was there.
  virtual base::Result<> keep_file(const deploy::EnvironmentKey& key, const FlagFile& file) = 0;
  virtual base::Result<std::optional<FlagFile>> file(const deploy::EnvironmentKey& key) = 0;
};

}  // namespace pipeline::store
