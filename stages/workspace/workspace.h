// The workspace of one attempt of a job: immutable layers below, an empty directory on top that
// receives every change. Nothing is copied to make one, unless overlayfs cannot be had.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/workspace/layer_store.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::workspace {

enum class Assembly {
  overlay,  // layers are mounted over each other by the job's sandbox
  copied,   // `upper` holds a copy of everything, and no layer is left to mount
};

class Workspace {
 public:
  // What the sandbox mounts, lowest first; empty when copied.
  const std::vector<std::filesystem::path>& mounted_layers() const { return mounted_; }
  std::filesystem::path upper() const { return directory_.path() / "upper"; }
  std::filesystem::path scratch() const { return directory_.path() / "scratch"; }
  // What the job left, once nothing of it runs any more.
  Leftovers leftovers() const;
  // Leaves it on the disk for a person to look at, where no sweep finds it, and says where.
  base::Result<std::filesystem::path> keep();

 private:
  friend class WorkspaceRoom;
  Workspace(ScratchDirectory directory, std::vector<std::filesystem::path> layers)
      : directory_(std::move(directory)), layers_(std::move(layers)) {}
  ScratchDirectory directory_;
  std::vector<std::filesystem::path> layers_;
  std::vector<std::filesystem::path> mounted_;
};

// Where workspaces are made and unmade. Removing one may take long (a build tree of many thousand
// files), so it is done on a thread of its own; the destructor waits for it. Safe for concurrent
// calls.
class WorkspaceRoom {
 public:
  // Removes what killed processes left there.
  explicit WorkspaceRoom(std::filesystem::path directory);
  ~WorkspaceRoom();
  WorkspaceRoom(const WorkspaceRoom&) = delete;
  WorkspaceRoom& operator=(const WorkspaceRoom&) = delete;

  // How workspaces are put together here: laid over each other, until that was refused once.
  Assembly assembly() const { return assembly_.load(); }
  void give_up_overlays() { assembly_ = Assembly::copied; }

  base::Result<Workspace> make(const std::string& name, std::vector<std::filesystem::path> layers,
                               Assembly assembly) const;
  void dispose(Workspace workspace);

 private:
  class Remover;
  std::filesystem::path directory_;
  std::unique_ptr<Remover> remover_;
  std::atomic<Assembly> assembly_ = Assembly::overlay;
};

}  // namespace pipeline::workspace
