// argv as values, or the text that answers it (help, version, what is wrong). Pure; CLI11 is seen
// by its unit alone.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "runner/cli/options.h"

namespace pipeline::cli {

// What to print instead of doing something.
struct Answer {
  std::string text;
  int exit_code = 0;  // 0: to standard output, help was asked for; 2: to standard error
};

// `arguments` without the program's own name.
std::variant<Invocation, Answer> parse_command_line(std::vector<std::string> arguments);

}  // namespace pipeline::cli
