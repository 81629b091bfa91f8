// Where flags of environments are looked at and set.
//
// Threads: one at a time, and that of the parts that it was given.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/store/toggle_store.h"
#include "runner/toggles/flags_in_service.h"
#include "stages/deploy/journal.h"
#include "stages/source/source.h"

namespace pipeline::toggles {

// Grows when anything that decides what is served may have changed.
struct Version {
  std::uint64_t journal = 0;
  std::uint64_t settings = 0;
  bool operator==(const Version&) const = default;
};

class ToggleDesk {
 public:
  // All must outlive it.
  ToggleDesk(deploy::Journal& journal, store::ToggleStore& store, source::Source& source,
             const base::Clock& clock)
      : journal_(journal), store_(store), source_(source), clock_(clock) {}

  base::Result<Version> version();
  // Those that were ever deployed to, sorted.
  base::Result<std::vector<deploy::EnvironmentKey>> environments() {
    return journal_.environments();
  }
  // The repository whose pipeline deploys there; empty: nobody's, or not known.
  base::Result<std::string> owner(const deploy::EnvironmentKey& key);

  // ErrorKind::not_found when nothing was ever deployed there.
  base::Result<FlagsInService> look(const deploy::EnvironmentKey& key);

  // What operators have set there, whatever serves.
  base::Result<toggle::Settings> settings(const deploy::EnvironmentKey& key) {
    return store_.settings(key);
  }
  // From now on, for every user and until it is cleared. `value`: "on", "off" or a variant. What it
  // was set to before. ErrorKind::not_found as look(); ErrorKind::invalid, with a hint, when the
  // release that serves has no such flag, or the flag no such variant.
  base::Result<std::optional<toggle::Setting>> set(const deploy::EnvironmentKey& key,
                                                   const std::string& flag,
                                                   const std::string& value, const std::string& by);
  // What it was set to; ErrorKind::invalid when it was not.
  base::Result<toggle::Setting> clear(const deploy::EnvironmentKey& key, const std::string& flag,
                                      const std::string& by);
  // Newest first.
  base::Result<std::vector<store::ToggleChange>> history(const deploy::EnvironmentKey& key,
                                                         const std::string& flag) {
    return store_.history(key, flag, kMostTold);
  }

 private:
  static constexpr std::size_t kMostTold = 20;

  // ErrorKind::invalid: the release has none that could be read as one.
  base::Result<std::string> text_of(const deploy::EnvironmentKey& key,
                                    const rollout::Release& release);

  deploy::Journal& journal_;
  store::ToggleStore& store_;
  source::Source& source_;
  const base::Clock& clock_;
};

}  // namespace pipeline::toggles
