// Entries to a compressed tar archive and back, by libarchive. The bytes depend on paths, contents,
// exec bits and symlink targets only: one order, no times, no owners, one compression level on one
// thread.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::artifact {

// Sees what is packed: for every file its path, then its content in blocks; for a symlink its
// target. May be empty.
struct PackObserver {
  std::function<void(std::string_view path)> entry;
  std::function<void(std::string_view bytes)> content;
};

// Gives the archive's bytes to `write` as they come.
using WriteBytes = std::function<base::Result<>(std::string_view)>;
base::Result<> pack(const workspace::MergedView& view,
                    const std::vector<workspace::ViewEntry>& entries, const WriteBytes& write,
                    const PackObserver& observer = {});
// The same with the whiteouts of a layer, as character devices 0:0.
base::Result<> pack(const workspace::MergedView& layer,
                    const std::vector<workspace::ViewEntry>& entries,
                    const std::set<std::string>& whiteouts, const WriteBytes& write);

// What an archive is for, and so what it may hold.
enum class Contents {
  artifact,  // no symlink that leads out of it
  layer,     // any symlink, and whiteouts
};

// Unpacks the archive that `archive_fd` reads into the directory, beneath it and through no
// symlink. ErrorKind::corrupt for anything that pack() would not have written.
base::Result<> unpack(int archive_fd, int directory_fd, Contents contents = Contents::artifact);

}  // namespace pipeline::artifact
