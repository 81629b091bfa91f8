#include "stages/host/tree_size.h"

#include <system_error>

namespace pipeline::host {

namespace fs = std::filesystem;

std::uint64_t tree_size(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && !entry->is_symlink(unknown)) {
      const std::uintmax_t size = entry->file_size(unknown);
      if (!unknown) bytes += size;
    }
  }
  return bytes;
}

}  // namespace pipeline::host
