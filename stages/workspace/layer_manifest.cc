#include "stages/workspace/layer_manifest.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <memory>

#include "stages/host/open_beneath.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::workspace {

namespace {

std::string counted(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

base::Result<> add(const MergedView& view, const ViewEntry& entry, LayerManifest& manifest) {
  switch (entry.type) {
    case EntryType::directory:
      manifest.directory(entry.path);
      return {};
    case EntryType::symlink:
      manifest.symlink(entry.path, entry.target);
      return {};
    case EntryType::regular: {
      PIPELINE_ASSIGN(const host::UniqueFd fd, view.open_file(entry));
      PIPELINE_ASSIGN(const base::Digest content, host::sha256_of(fd.get()));
      manifest.file(entry.path, (entry.mode & 0111U) != 0, content);
      return {};
    }
    case EntryType::special:
      break;
  }
  return base::fail(base::ErrorKind::corrupt, "it holds a " + std::string(kind_of(entry)));
}

base::Result<> find_whiteouts(int root, const std::string& directory,
                              std::set<std::string>& found) {
  host::UniqueFd fd = host::open_beneath(root, directory, O_RDONLY | O_DIRECTORY);
  if (!fd) return base::fail(base::Error::from_errno(errno, "read " + directory));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), &::closedir);
  if (!stream) return base::fail(base::Error::from_errno(errno, "read " + directory));
  fd.release();
  while (const dirent* entry = ::readdir(stream.get())) {
    struct stat status {};
    if (::fstatat(::dirfd(stream.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
      return base::fail(base::Error::from_errno(errno, "look at " + directory));
    if (!S_ISCHR(status.st_mode) || status.st_rdev != 0) continue;
    found.insert(directory.empty() ? entry->d_name : directory + "/" + entry->d_name);
  }
  return {};
}

}  // namespace

LayerManifest::LayerManifest() {
  hash_.update("pipeline-layer-1\n");
}

void LayerManifest::directory(const std::string& path) {
  line("d-", path, "");
}

void LayerManifest::symlink(const std::string& path, const std::string& target) {
  line("l-", path, " " + counted(target));
}

void LayerManifest::file(const std::string& path, bool executable, const base::Digest& content) {
  line(executable ? "fx" : "f-", path, " " + content.hex());
}

void LayerManifest::whiteout(const std::string& path) {
  line("w-", path, "");
}

void LayerManifest::line(std::string_view type, const std::string& path,
                         const std::string& content) {
  hash_.update(std::string(type) + " " + counted(path) + content + "\n");
}

base::Result<std::set<std::string>> whiteouts_in(const MergedView& layer) {
  PIPELINE_ASSIGN(const std::vector<ViewEntry> entries, layer.list(""));
  std::set<std::string> found;
  PIPELINE_TRY(find_whiteouts(layer.root(0), "", found));
  for (const ViewEntry& entry : entries) {
    if (entry.type != EntryType::directory) continue;
    PIPELINE_TRY(find_whiteouts(layer.root(0), entry.path, found));
  }
  return found;
}

base::Result<base::Digest> name_by_content(const std::filesystem::path& layer) {
  PIPELINE_ASSIGN(const MergedView view, MergedView::open({layer}));
  PIPELINE_ASSIGN(const std::vector<ViewEntry> entries, view.list(""));
  PIPELINE_ASSIGN(const std::set<std::string> whiteouts, whiteouts_in(view));
  std::map<std::string, const ViewEntry*> all;  // null: a whiteout
  for (const std::string& path : whiteouts) all[path] = nullptr;
  for (const ViewEntry& entry : entries) all[entry.path] = &entry;
  LayerManifest manifest;
  for (const auto& [path, entry] : all) {
    if (entry == nullptr)
      manifest.whiteout(path);
    else
      PIPELINE_TRY(add(view, *entry, manifest));
  }
  return manifest.finish();
}

}  // namespace pipeline::workspace
