// The pipe that a process of the job writes its output to.
#pragma once

#include "pipelines/base/result.h"
#include "stages/host/file_owner.h"
#include "stages/host/unique_fd.h"

namespace pipeline::sandbox::helper {

struct OutputPipe {
  host::UniqueFd read;  // non-blocking
  host::UniqueFd write;
};

// `owner`: may open the pipe again through /dev/stdout.
base::Result<OutputPipe> make_output_pipe(const host::FileOwner& owner);

}  // namespace pipeline::sandbox::helper
