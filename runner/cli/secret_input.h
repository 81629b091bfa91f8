// A secret as it comes in: from a terminal, where it is asked for and not shown, or from a pipe or
// a file. Blocking; one thread, and the only one that reads the descriptor.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "runner/cli/render/reporter.h"

namespace pipeline::cli {

// All of it, without its last line end; from a terminal one line. ErrorKind::cancelled when the
// user interrupts, with the terminal as it was before. Reads no more than a secret may have and a
// byte: what is too long is still too long.
base::Result<std::string> read_secret(int fd, const std::string& name, render::Output& prompts);

// At most `limit` bytes of what is left to read there.
base::Result<std::string> read_up_to(int fd, std::size_t limit);

}  // namespace pipeline::cli
