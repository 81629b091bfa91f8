// Where in the sources a test failed, from the text that its tool printed: stack traces and
// assertions of most languages name a file and a line in one of a few forms. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipeline::report {

struct SourcePlace {
  std::string file;
  std::uint32_t line = 0;
  bool operator==(const SourcePlace&) const = default;
};

// The first `file.ext:12`, `file.ext(12)` or `"file.ext", line 12` whose file is a source file by
// its name. With `file` given, the first that means this one.
std::optional<SourcePlace> find_place(std::string_view text, std::string_view file = {});

}  // namespace pipeline::report
