// HAProxy's admin socket: one connection a command, as its own tools do it. Blocking, at most five
// seconds.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::deploy::haproxy {

// The answer, whole. ErrorKind::unavailable when nobody listens on the directory's socket.
base::Result<std::string> ask(const std::filesystem::path& directory, const std::string& command);

// For commands that change something: HAProxy has no exit codes, a setter answers with an empty
// line or with what it changed. ErrorKind::internal with its words otherwise.
base::Result<> tell(const std::filesystem::path& directory, const std::string& command);

}  // namespace pipeline::deploy::haproxy
