// The declarations of server.toml: which keys there are, and when a changed one holds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipelines/config/table.h"
#include "runner/settings/server_settings.h"

namespace pipeline::settings {

// The whole file.
const config::Table<ServerSettings>& server_table();

// When a new value holds: when the file is read again, or when the server is started again.
enum class Holds { at_reload, at_restart };

// What stands at the top of the file: a key, or a table.
struct Part {
  std::string name;
  Holds holds = Holds::at_restart;
  std::function<bool(const ServerSettings&, const ServerSettings&)> differs;
  const config::TableShape* table = nullptr;  // null: a key
};
// One for each key of server_table(), which a test sees to.
const std::vector<Part>& parts();

}  // namespace pipeline::settings
