// The end of a log, for displays and messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::log {

// The last `lines` lines as they were written, at most `most` bytes of them: of one that is longer,
// its end. Errors are those of LogReader.
base::Result<std::string> last_output(const std::filesystem::path& directory, std::uint64_t lines,
                                      std::uint64_t most);

}  // namespace pipeline::log
