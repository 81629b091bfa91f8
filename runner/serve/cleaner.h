// Removes old runs, and what nothing refers to any more, as [retention] of the settings says
// (runner/keeping/garbage.h); without that, nothing.
//
// Threads: clean() from one, leave() from any.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "runner/cli/services.h"
#include "runner/settings/server_settings.h"

namespace pipeline::serve {

class Cleaner {
 public:
  // `services` are for the thread that cleans; `paths` outlive it.
  Cleaner(std::unique_ptr<cli::Services> services, const store::Paths& paths,
          std::function<std::optional<settings::RetentionSettings>()> retention,
          std::function<void(const std::string& line)> tell)
      : services_(std::move(services)),
        paths_(paths),
        retention_(std::move(retention)),
        tell_(std::move(tell)) {}

  // When it wants to be called again.
  base::TimePoint clean();
  // Ends what is under way soon; what has gone by then is gone.
  void leave() { stop_.request_stop(); }

 private:
  base::Result<> remove_by(const retention::Policy& policy);

  const std::unique_ptr<cli::Services> services_;
  const store::Paths& paths_;
  const std::function<std::optional<settings::RetentionSettings>()> retention_;
  const std::function<void(const std::string&)> tell_;
  std::stop_source stop_;
};

}  // namespace pipeline::serve
