// The end of a log, for displays and messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pipelines/base/result.h"
#include "stages/log/source.h"

namespace pipeline::log {

// The last `lines` lines as they were written, at most `most` bytes of them: of one that is longer,
// its end. Errors are those of the source.
base::Result<std::string> last_output(LogSource& source, std::uint64_t lines, std::uint64_t most);
// The same of the log in a directory. Errors are those of LogReader.
base::Result<std::string> last_output(const std::filesystem::path& directory, std::uint64_t lines,
                                      std::uint64_t most);

}  // namespace pipeline::log
