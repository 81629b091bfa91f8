#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "stages/sandbox/helper/output_pipe.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

// The most an ordinary user may have by default; fewer, larger reads.
constexpr int kPipeSize = 1 << 20;

}  // namespace

Result<OutputPipe> make_output_pipe(const host::FileOwner& owner) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail(Error::from_errno(errno, "make a pipe"));
  OutputPipe pipe{.read = host::UniqueFd(ends[0]), .write = host::UniqueFd(ends[1])};
  ::fcntl(ends[1], F_SETPIPE_SZ, kPipeSize);  // a smaller one works too
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (::geteuid() == 0 && ::fchown(ends[1], owner.uid, owner.gid) != 0) {
    return base::fail(Error::from_errno(errno, "give the output pipe to the job"));
  }
  return pipe;
}

}  // namespace pipeline::sandbox::helper
