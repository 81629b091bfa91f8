#include "stages/workspace/materialise.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/host/copy.h"
#include "stages/host/file.h"
#include "stages/host/open_beneath.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::workspace {

namespace {

base::Result<> refused(const std::string& path) {
  const int error = errno;
  return base::fail(base::Error::from_errno(error, "copy \"" + base::printable(path) + "\""));
}

base::Result<> put(const MergedView& view, const ViewEntry& entry, int target) {
  const char* path = entry.path.c_str();
  const mode_t mode = entry.mode & 0777U;
  switch (entry.type) {
    case EntryType::directory:
      if (::mkdirat(target, path, 0755) != 0) return refused(entry.path);
      return {};
    case EntryType::symlink:
      if (::symlinkat(entry.target.c_str(), target, path) != 0) return refused(entry.path);
      return {};
    case EntryType::regular: {
      PIPELINE_ASSIGN(const host::UniqueFd from, view.open_file(entry));
      const host::UniqueFd to =
          host::open_beneath(target, entry.path, O_WRONLY | O_CREAT | O_EXCL, mode);
      if (!to || ::fchmod(to.get(), mode) != 0) return refused(entry.path);
      return host::copy_bytes(from.get(), to.get());
    }
    case EntryType::special:
      break;
  }
  return base::fail(base::ErrorKind::corrupt,
                    "a layer holds a " + std::string(kind_of(entry)) + ": " + entry.path);
}

}  // namespace

base::Result<> materialise(const std::vector<std::filesystem::path>& layers,
                           const std::filesystem::path& target) {
  PIPELINE_ASSIGN(const MergedView view, MergedView::open(layers));
  PIPELINE_ASSIGN(const auto entries, view.list(""));
  PIPELINE_ASSIGN(const host::UniqueFd directory, host::open_file(target, O_RDONLY | O_DIRECTORY));
  for (const ViewEntry& entry : entries) PIPELINE_TRY(put(view, entry, directory.get()));
  return {};
}

}  // namespace pipeline::workspace
