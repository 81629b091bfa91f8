// The settings of `pipeline serve`: those of its file, and over them what its options say.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "runner/cli/options.h"
#include "runner/settings/settings_file.h"

namespace pipeline::cli {

// A server.toml as it was found.
struct SettingsFile {
  std::filesystem::path path;
  std::string text;
  settings::ReadSettings read;

  // What is wrong with it, for a person; empty: nothing.
  std::string problems(config::Color color) const;
};

// The one that --config names, which has to be there, else that of the state directory, if it is.
base::Result<std::optional<SettingsFile>> find_settings_file(const ServeOptions& options,
                                                             const std::filesystem::path& root);

// ErrorKind::invalid, with what is wrong, when the file has an error or an option is none.
base::Result<settings::ServerSettings> settle(const ServeOptions& options,
                                              const std::optional<SettingsFile>& file);

// What a server is started with.
struct ServeOrder {
  settings::ServerSettings settings;
  // As they are now, when somebody asks to have them read again. Any thread.
  std::function<base::Result<settings::ServerSettings>()> reread;
};

}  // namespace pipeline::cli
