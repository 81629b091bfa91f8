// What is answered to a command line that cannot be understood: the cause, and what was probably
// meant. Pure.
#pragma once

#include <string>
#include <vector>

#include "runner/cli/command_line.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
class ParseError;
}  // namespace CLI

namespace pipeline::cli {

// "did you mean …", if one of the candidates is near the word.
std::string near_miss(const std::string& word, const std::vector<std::string>& candidates,
                      const std::string& otherwise);
Answer complaint(const std::string& cause, const std::string& hint);
// Where to read on.
std::string help_command(const std::string& command);
Answer unknown_argument(const CLI::App& sub, const std::string& word);
// What CLI11 says, as a lowercase fragment.
std::string cause_of(const CLI::ParseError& error);

}  // namespace pipeline::cli
