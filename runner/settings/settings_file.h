// Reads server.toml. Pure: the caller brings the bytes, which may be anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/config/diagnostic.h"
#include "runner/settings/server_settings.h"

namespace pipeline::settings {

struct ReadSettings {
  std::optional<ServerSettings> settings;  // none when there is an error
  std::vector<config::Diagnostic> diagnostics;
};

ReadSettings read_settings(std::string_view text);

// The JSON Schema of the file.
std::string settings_schema();

}  // namespace pipeline::settings
