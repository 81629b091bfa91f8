// Opening a path below a directory that somebody hostile may have filled: symlinks are not
// followed, anywhere on the way, and nothing leads out.
#pragma once

#include <sys/types.h>

#include <string>

#include "stages/host/unique_fd.h"

namespace pipeline::host {

// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, or as good as that where there is no
// openat2; empty, with errno set, when refused: ELOOP for a symlink, EXDEV for a way out. An empty
// path is the directory itself.
UniqueFd open_beneath(int directory_fd, const std::string& path, int flags, mode_t mode = 0);

}  // namespace pipeline::host
