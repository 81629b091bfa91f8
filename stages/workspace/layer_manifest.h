// The text whose SHA-256 names a layer; layer_store.h says how it is spelled. Entries are given in
// byte order of their paths.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "stages/host/hash.h"
#include "stages/workspace/merged_view.h"

namespace pipeline::workspace {

class LayerManifest {
 public:
  LayerManifest();
  void directory(const std::string& path);
  void symlink(const std::string& path, const std::string& target);
  void file(const std::string& path, bool executable, const base::Digest& content);
  void whiteout(const std::string& path);
  base::Digest finish() { return hash_.finish(); }

 private:
  void line(std::string_view type, const std::string& path, const std::string& content);
  host::Sha256 hash_;
};

// The paths of a layer that hide what lies below it. Its view does not show them: to a job they are
// what is not there.
base::Result<std::set<std::string>> whiteouts_in(const MergedView& layer);

// The name that a layer's directory should have, by what is in it: reads every byte.
base::Result<base::Digest> name_by_content(const std::filesystem::path& layer);

}  // namespace pipeline::workspace
