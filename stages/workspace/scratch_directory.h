// A directory that lasts as long as its owner, however the owner ends: it is flock'ed while it is
// in use, so what a killed process left can be told from what a living one uses.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::workspace {

class ScratchDirectory {
 public:
  // A new directory `<parent>/<prefix><unique>`, mode 0755. The parent is made when missing.
  static base::Result<ScratchDirectory> make(const std::filesystem::path& parent,
                                             const std::string& prefix);
  ScratchDirectory(ScratchDirectory&&) noexcept = default;
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  // Removes it with everything in it, unless it was released.
  ~ScratchDirectory();

  const std::filesystem::path& path() const { return path_; }
  int fd() const { return fd_.get(); }
  // It is nobody's any more: renamed to where it belongs, or left on purpose.
  void release() { path_.clear(); }

 private:
  ScratchDirectory(std::filesystem::path path, host::UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  std::filesystem::path path_;
  host::UniqueFd fd_;
};

// Removes the directories `<parent>/<prefix>*` that no living process uses.
void sweep(const std::filesystem::path& parent, const std::string& prefix);
// The same, once a parent and prefix in this process.
void sweep_once(const std::filesystem::path& parent, const std::string& prefix);

}  // namespace pipeline::workspace
