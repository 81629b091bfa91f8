#include "stages/host/copy.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "stages/host/file.h"

namespace pipeline::host {

namespace {

base::Result<> copy_by_hand(int from, int to) {
  std::string block(std::size_t{256} << 10U, '\0');
  while (true) {
    const ssize_t n = ::read(from, block.data(), block.size());
    if (n == 0) return {};
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(base::Error::from_errno(errno, "read"));
    PIPELINE_TRY(write_all(to, std::string_view(block).substr(0, static_cast<std::size_t>(n))));
  }
}

}  // namespace

base::Result<> copy_bytes(int from, int to) {
  if (::ioctl(to, FICLONE, from) == 0) return {};
  constexpr std::size_t kAtOnce = std::size_t{1} << 30U;
  while (true) {
    const ssize_t n = ::copy_file_range(from, nullptr, to, nullptr, kAtOnce, 0);
    if (n == 0) return {};
    if (n > 0 || errno == EINTR) continue;
    if (errno == EXDEV || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS)
      return copy_by_hand(from, to);  // goes on from where both are
    return base::fail(base::Error::from_errno(errno, "copy"));
  }
}

}  // namespace pipeline::host
