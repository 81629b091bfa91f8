// The settings that a server works with, and what becomes of them when the operator has them read
// again: what can hold at once does, and the operator is told of the rest. A file with a mistake
// changes nothing.
//
// Threads: safe from any.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "runner/settings/server_settings.h"

namespace pipeline::serve {

class SettingsInUse {
 public:
  using Reread = std::function<base::Result<settings::ServerSettings>()>;

  SettingsInUse(settings::ServerSettings settings, Reread reread,
                std::function<void(const std::string& line)> tell)
      : reread_(std::move(reread)), tell_(std::move(tell)), settings_(std::move(settings)) {}

  std::optional<settings::RetentionSettings> retention() const;
  void read_again();

 private:
  const Reread reread_;
  const std::function<void(const std::string&)> tell_;
  mutable std::mutex mutex_;  // guards what follows
  settings::ServerSettings settings_;
};

}  // namespace pipeline::serve
