// Options that are declared together: those that several commands share, and those that are read
// together. For command_line.cc.
#pragma once

#include <optional>
#include <string>

#include "runner/cli/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}  // namespace CLI

namespace pipeline::cli {

// Where a run finds secrets, in the order in which the sources count.
void add_secret_sources(CLI::App& command, SecretOptions& secrets);
// Which server; `url_meaning` is what --server means for the command.
void add_server(CLI::App& command, ServerChoice& server, const std::string& url_meaning);
// --json.
void add_format(CLI::App& command, Format& format, const std::string& what);
// The event that is asked about; none as long as `--event` is not given.
void add_event(CLI::App& command, std::optional<EventWish>& event);

}  // namespace pipeline::cli
