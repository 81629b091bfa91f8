// What CLI11 knows of a command, as values. Pure.
#pragma once

#include "runner/cli/grammar.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace pipeline::cli {

CommandForm form_of(const CLI::App& command);

// What `pipeline COMMAND --help` prints.
std::string help_of(const CommandForm& form);

}  // namespace pipeline::cli
