// Secrets for a local run: lines of NAME=VALUE. Blank lines and lines that begin with # are
// skipped, a value may stand in single or double quotes, nothing is expanded. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::cli {

// ErrorKind::invalid names the line, also of a value that is too short to be masked in logs; values
// are never part of a message.
base::Result<std::map<std::string, std::string>> parse_env_file(std::string_view text);

}  // namespace pipeline::cli
