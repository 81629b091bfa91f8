#include "stages/source/mirror_keep.h"

#include "stages/host/file.h"
#include "stages/host/remove.h"
#include "stages/host/tree_size.h"
#include "stages/source/mirror.h"

namespace pipeline::source {

namespace fs = std::filesystem;
using base::Result;

namespace {

// Half removed, it has to look like none: an object that is missing would be missed for ever.
constexpr std::string_view kGoing = ".going-";

Result<> remove_left_over(const fs::path& mirrors) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(mirrors, error))
    if (entry.path().filename().string().starts_with(kGoing))
      PIPELINE_TRY(host::remove_all(entry.path()));
  return {};
}

}  // namespace

std::vector<std::string> MirrorKeep::all() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(mirrors_, error)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(kGoing) && used_at(name)) names.push_back(std::move(name));
  }
  return names;
}

std::optional<base::TimePoint> MirrorKeep::used_at(const std::string& name) const {
  const Mirror mirror = Mirror::named(mirrors_, name);
  std::error_code error;
  if (!fs::is_directory(mirror.directory(), error)) return std::nullopt;
  return mirror.used_at();
}

std::uint64_t MirrorKeep::size_of(const std::string& name) const {
  return host::tree_size(mirrors_ / name);
}

Result<> MirrorKeep::remove(const std::string& name) const {
  const Mirror mirror = Mirror::named(mirrors_, name);
  PIPELINE_ASSIGN(const MirrorLock lock, mirror.lock());
  PIPELINE_TRY(remove_left_over(mirrors_));
  const fs::path going = mirrors_ / (std::string(kGoing) + name);
  std::error_code error;
  fs::rename(mirror.directory(), going, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error)
    return base::fail(
        base::Error::from_errno(error.value(), "rename " + mirror.directory().string()));
  return host::remove_all(going);
}

}  // namespace pipeline::source
