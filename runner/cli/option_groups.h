// Options that are declared together: those that several commands share, and those that are read
// together. For command_line.cc.
#pragma once

#include <cstdint>
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
// The same for commands that are about this machine unless a server is named.
void add_place(CLI::App& command, ServerChoice& server, const std::string& url_meaning);
// RUN, which has to be there.
void add_run_name(CLI::App& command, RunName& run);
// CLI::ValidationError, about `what`, when the text is none.
std::uint64_t size_of(const std::string& text, const std::string& what);
std::uint64_t positive_number_of(const std::string& text, const std::string& what);
// What RUN means; CLI::ValidationError when it means none.
RunName run_name_of(const std::string& text);
inline constexpr const char* kRunMeaning =
    "number of the run, or `last`: the newest of the repository here; of all outside of one, and "
    "of "
    "a server's";
inline constexpr const char* kOfServer = "a run of that server";
inline constexpr const char* kHidden = "";  // group of options that help does not show
// --json.
void add_format(CLI::App& command, Format& format, const std::string& what);
// The event that is asked about; none as long as `--event` is not given.
void add_event(CLI::App& command, std::optional<EventWish>& event);

}  // namespace pipeline::cli
