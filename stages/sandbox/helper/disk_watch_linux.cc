#include <fcntl.h>
#include <sys/statvfs.h>

#include <limits>

#include "pipelines/base/size.h"
#include "stages/host/file.h"
#include "stages/sandbox/helper/disk_usage.h"
#include "stages/sandbox/helper/disk_watch.h"

namespace pipeline::sandbox::helper {

namespace {

using std::chrono::steady_clock;

// A look asks the file system for its free space, which costs microseconds; a walk over all files
// is made when that much less is free than the job may still take, and at the latest after
// kWalkFactor times what the last walk took.
constexpr auto kWalkAtLeastEvery = std::chrono::seconds(2);
constexpr int kWalkFactor = 50;

}  // namespace

std::chrono::milliseconds pause_before(std::uint64_t left) {
  constexpr std::uint64_t kFastestPerMillisecond = std::uint64_t{8} << 20U;  // memory's own speed
  return std::chrono::milliseconds(
      std::clamp<std::uint64_t>(left / kFastestPerMillisecond, 20, 1000));
}

base::Result<DiskWatch> DiskWatch::create(const WorkspaceMount& workspace, std::uint64_t limit) {
  PIPELINE_ASSIGN(auto directory, host::open_file(workspace.upper, O_RDONLY | O_DIRECTORY));
  DiskWatch watch(std::move(directory), limit);
  PIPELINE_ASSIGN(watch.given_,
                  disk_usage(watch.upper_.get(), std::numeric_limits<std::uint64_t>::max()));
  watch.next_look_ += pause_before(limit);
  watch.next_walk_ = watch.next_look_ + kWalkAtLeastEvery;
  watch.free_at_walk_ = watch.free_space();
  watch.left_at_walk_ = limit;
  return watch;
}

std::uint64_t DiskWatch::free_space() const {
  struct statvfs status {};
  if (::fstatvfs(upper_.get(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.f_bfree) * status.f_frsize;
}

std::uint64_t DiskWatch::temporary_used() const {
  struct statvfs status {};
  if (!temporary_ || ::fstatvfs(temporary_.get(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.f_blocks - status.f_bfree) * status.f_frsize;
}

std::optional<std::string> DiskWatch::look() {
  const auto start = steady_clock::now();
  next_look_ = start + pause_before(left_at_walk_);
  const std::uint64_t temporary = temporary_used();
  const std::uint64_t free = free_space();
  const std::uint64_t gone = free_at_walk_ > free ? free_at_walk_ - free : 0;
  if (start < next_walk_ && gone + temporary <= left_at_walk_) return std::nullopt;

  const auto used = disk_usage(upper_.get(), limit_ + given_);
  if (!used) return used.error().to_string();
  const std::uint64_t total = (*used > given_ ? *used - given_ : 0) + temporary;
  if (total > limit_) return "disk limit of " + base::format_size(limit_) + " exceeded";
  const auto end = steady_clock::now();
  next_walk_ =
      end + std::max<steady_clock::duration>(kWalkAtLeastEvery, (end - start) * kWalkFactor);
  // Others write to the same file system; half of what is left makes a false alarm cheap and a true
  // one early.
  left_at_walk_ = (limit_ - total) / 2 + temporary;
  free_at_walk_ = free_space();
  next_look_ = std::max(next_look_, end + (end - start));
  return std::nullopt;
}

}  // namespace pipeline::sandbox::helper
