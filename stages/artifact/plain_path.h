// Which paths an archive may have. Pure.
#pragma once

#include <string>

#include "pipelines/base/text.h"

namespace pipeline::artifact {

// It leads below wherever it is put: relative, without empty, `.` and `..` segments.
inline bool is_plain(const std::string& path) {
  for (const std::string& segment : base::split(path, '/'))
    if (segment.empty() || segment == "." || segment == "..") return false;
  return true;
}

}  // namespace pipeline::artifact
