// The flags of all environments as they are served, ready in memory: no evaluation reads a file or
// the store. Kept up with deployments and settings, whoever makes them, in this process or beside
// it on the same state directory.
//
// Threads: safe from any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "runner/cli/services.h"
#include "runner/server/ofrep/ofrep_endpoints.h"
#include "runner/toggles/toggle_desk.h"

namespace pipeline::serve {

class ServedFlags {
 public:
  struct Parts {
    std::function<std::unique_ptr<cli::Services>()> make_services;
    const base::Clock& clock;  // outlives it
    // What is served there is another from now on. On whichever thread looked.
    std::function<void(const deploy::EnvironmentKey& key, const ofrep::Tidings& now)> on_change;
    std::function<void(const std::string& line)> tell;  // what an operator should know
  };

  explicit ServedFlags(Parts parts) : parts_(std::move(parts)) {}

  // None: nothing was ever deployed there.
  std::optional<ofrep::Served> find(const deploy::EnvironmentKey& key) const;
  std::vector<ofrep::Served> all() const;  // sorted by key

  // Brings it up to date; cheap when nothing has changed. What cannot be read now is told of, stays
  // as it was, and is looked at again the next time.
  void look();

 private:
  // Whether all of it could be read.
  bool look_at_all(toggles::ToggleDesk& desk);
  void serve(toggles::FlagsInService flags);
  void tell_once(const std::string& trouble);

  const Parts parts_;
  std::mutex looking_;  // guards what follows; held while the store is read
  std::unique_ptr<cli::Services> services_;
  std::optional<toggles::Version> seen_;
  std::string told_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<deploy::EnvironmentKey, ofrep::Served> served_;
};

}  // namespace pipeline::serve
