#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string_view>

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/sandbox/helper/memory_watch.h"

namespace pipeline::sandbox::helper {

namespace {

constexpr int kLookFactor = 20;  // at most a twentieth of our time

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::string read_at(int directory, const std::string& path) {
  const host::UniqueFd fd(::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd ? host::read_all(fd.get()).value_or("") : "";  // the process may have ended
}

// "Rss:   12 kB" in the manner of /proc: the number after `key`, in bytes.
std::uint64_t kilobytes(const std::string& text, std::string_view key) {
  for (const auto& line : base::split(text, '\n')) {
    if (!line.starts_with(key)) continue;
    const auto rest = base::trim(std::string_view(line).substr(key.size()));
    std::uint64_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value * 1024;
  }
  return 0;
}

template <class Each>
void for_each_process(int processes, Each each) {
  const int copy = ::openat(processes, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> entries(copy < 0 ? nullptr : ::fdopendir(copy));
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name.front() >= '1' && name.front() <= '9') each(std::string(name));
  }
}

}  // namespace

MemoryWatch::MemoryWatch(host::UniqueFd processes, int temporary, std::uint64_t limit)
    : processes_(std::move(processes)),
      temporary_(temporary),
      limit_(limit),
      next_look_(std::chrono::steady_clock::now() + pause_before(limit)) {}

std::optional<std::string> MemoryWatch::look() {
  const auto start = std::chrono::steady_clock::now();
  struct statvfs status {};
  std::uint64_t files = 0;
  if (::fstatvfs(temporary_, &status) == 0) {
    files = static_cast<std::uint64_t>(status.f_blocks - status.f_bfree) * status.f_frsize;
  }
  // Pages that a fork shares count once for each process here…
  std::uint64_t used = files;
  for_each_process(processes_.get(), [&](const std::string& pid) {
    used += kilobytes(read_at(processes_.get(), pid + "/status"), "RssAnon:");
  });
  if (used > limit_) {
    // …so before a job is killed for it, they are told apart, which costs much more.
    used = files;
    for_each_process(processes_.get(), [&](const std::string& pid) {
      used += kilobytes(read_at(processes_.get(), pid + "/smaps_rollup"), "Pss_Anon:");
    });
  }
  peak_ = std::max(peak_, used);
  const auto end = std::chrono::steady_clock::now();
  next_look_ =
      end + std::max<std::chrono::steady_clock::duration>(
                pause_before(limit_ - std::min(used, limit_)), (end - start) * kLookFactor);
  if (used <= limit_) return std::nullopt;
  return "memory limit of " + base::format_size(limit_) + " exceeded";
}

}  // namespace pipeline::sandbox::helper
