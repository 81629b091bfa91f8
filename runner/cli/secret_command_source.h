// A secret that a command prints: `--secret-command NAME=COMMAND`.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::cli {

// Runs the command by /bin/sh where the user stands, with our standard input and environment; what
// it prints, without the last line end, is the value. ErrorKind::invalid when it fails (with its
// exit status and the last line of its standard error) or when the value cannot be a secret.
// Blocks until the command has ended.
base::Result<std::string> secret_of_command(const std::string& name, const std::string& command,
                                            const std::filesystem::path& directory);

}  // namespace pipeline::cli
