#include "stages/source/left_locks.h"

#include <system_error>
#include <vector>

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> locks_in(const fs::path& repository) {
  std::vector<fs::path> locks;
  std::error_code error;
  fs::recursive_directory_iterator entry(repository, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() == "objects") entry.disable_recursion_pending();
    if (entry->path().extension() == ".lock" && entry->is_regular_file(error))
      locks.push_back(entry->path());
  }
  return locks;
}

}  // namespace

void remove_left_locks(const fs::path& repository, std::chrono::seconds older_than) {
  const auto now = fs::file_time_type::clock::now();
  for (const fs::path& lock : locks_in(repository)) {
    std::error_code error;
    const auto written = fs::last_write_time(lock, error);
    if (!error && now - written >= older_than) fs::remove(lock, error);
  }
}

}  // namespace pipeline::source
