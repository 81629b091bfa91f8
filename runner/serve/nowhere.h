// A console that nobody looks at: what is wrong comes back as an error.
#pragma once

#include <fcntl.h>

#include "runner/cli/terminal.h"
#include "stages/host/file.h"

namespace pipeline::serve {

struct Nowhere {
  host::UniqueFd fd = host::open_file("/dev/null", O_RDWR).value_or(host::UniqueFd());
  cli::Console console{fd.get(), fd.get(), cli::ColorWish::never};
};

}  // namespace pipeline::serve
