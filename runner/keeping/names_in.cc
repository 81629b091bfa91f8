#include "runner/keeping/names_in.h"

#include <algorithm>
#include <system_error>

namespace pipeline::keeping {

namespace fs = std::filesystem;

base::Result<std::vector<std::string>> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory)
    return base::fail(base::Error::from_errno(error.value(), "list " + directory.string()));
  std::ranges::sort(names);
  return names;
}

}  // namespace pipeline::keeping
