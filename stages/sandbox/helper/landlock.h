// Landlock: a second wall behind the mount namespace, and the only one against abstract sockets and
// signals of the host when a job asked for the host's network.
#pragma once

#include "pipelines/base/result.h"

namespace pipeline::sandbox::helper {

// Nothing may be written outside the workspace, the temporary directories, /dev and /proc; from ABI
// 6 on, no abstract socket and no process outside the sandbox can be reached. A kernel without
// Landlock leaves the other walls: that is no error.
base::Result<> restrict_with_landlock();

}  // namespace pipeline::sandbox::helper
