// What `--help` prints: at most 80 columns. Pure.
#pragma once

#include <string>
#include <vector>

namespace pipeline::cli {

std::string overview();
std::string version_text();
// "1.2.3"
std::string version();

struct HelpLine {
  std::string what;  // "--jobs N"
  std::string meaning;
};
// Of one command: what it does, how it is called, its arguments and options.
std::string explanation(const std::string& description, const std::string& usage,
                        const std::vector<HelpLine>& lines);

}  // namespace pipeline::cli
