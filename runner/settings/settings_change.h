// What becomes of a server.toml that was read again. Pure.
#pragma once

#include <string>
#include <vector>

#include "runner/settings/server_settings.h"

namespace pipeline::settings {

struct SettingsChange {
  std::vector<std::string> now;         // keys and [tables] whose new values hold from now on
  std::vector<std::string> at_restart;  // that hold when the server is started again

  // For the operator, one sentence.
  std::string sentence() const;
};

SettingsChange change_between(const ServerSettings& before, const ServerSettings& after);

}  // namespace pipeline::settings
