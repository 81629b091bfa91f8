#include "stages/source/snapshot_ref.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace pipeline::source {

namespace fs = std::filesystem;

void keep_newest_refs(const fs::path& folder, std::size_t most) {
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  std::error_code error;
  for (const auto& ref : fs::directory_iterator(folder, error))
    all.emplace_back(ref.last_write_time(error), ref.path());
  if (all.size() <= most) return;
  std::ranges::sort(all);
  all.resize(all.size() - most);
  for (const auto& [time, path] : all) fs::remove(path, error);
}

}  // namespace pipeline::source
