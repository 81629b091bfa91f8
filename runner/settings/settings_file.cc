#include "runner/settings/settings_file.h"

#include "pipelines/config/json_schema.h"
#include "pipelines/config/problems.h"
#include "pipelines/config/toml_document.h"
#include "runner/settings/server_tables.h"

namespace pipeline::settings {

ReadSettings read_settings(std::string_view text) {
  config::Problems problems;
  ServerSettings settings;
  if (const auto root = config::parse_toml(text, problems))
    server_table().read(*root, settings, problems);
  ReadSettings result;
  if (!problems.has_errors()) result.settings = std::move(settings);
  result.diagnostics = std::move(problems).take();
  return result;
}

std::string settings_schema() {
  return config::json_schema_of(server_table(), "server.toml");
}

}  // namespace pipeline::settings
