// The command line's grammar as values: what help, shell completion and the manual page are made
// of. Made by command_line.cc from the declarations that it parses by, so that they cannot differ.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pipeline::cli {

struct ArgumentForm {
  std::string name;  // "RUN"
  bool is_required = false;
  std::string meaning;
};

struct OptionForm {
  std::vector<std::string> names;  // "-j", "--jobs"
  std::string value;               // "N"; empty: it takes none
  std::string meaning;
};

struct CommandForm {
  std::string name;
  std::string description;
  std::vector<std::string> usages;      // "pipeline show RUN [OPTIONS]"
  std::vector<ArgumentForm> arguments;  // in order
  std::vector<OptionForm> options;      // those that help shows
};

// In the order of declaration. The whole grammar takes a few milliseconds to make.
std::vector<std::string> command_names();
std::vector<CommandForm> grammar();
// Of one command; none when there is no such.
std::optional<CommandForm> grammar_of(const std::string& command);

}  // namespace pipeline::cli
