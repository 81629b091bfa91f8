// A place in a text file: one-based line and column (columns count bytes), and how many columns the
// caret covers.
#pragma once

#include <cstdint>

namespace pipeline::base {

struct SourceSpan {
  std::uint32_t line = 0;  // 0: no place known
  std::uint32_t column = 0;
  std::uint32_t length = 1;
  std::uint32_t file = 0;  // which of the files read together; 0: the main one

  bool operator==(const SourceSpan&) const = default;
};

}  // namespace pipeline::base
