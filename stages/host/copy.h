// Copying the bytes of a file, as cheaply as the file system can: shared blocks, in the kernel, or
// by hand.
#pragma once

#include "pipelines/base/result.h"

namespace pipeline::host {

// Everything of `from` to `to`, which is empty. Both are regular files open for it; positions are
// not kept.
base::Result<> copy_bytes(int from, int to);

}  // namespace pipeline::host
