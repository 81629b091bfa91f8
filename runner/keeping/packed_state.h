// Files of a state directory on their way into a backup, while others work on them. What went away
// since it was listed is left out; a file that grows is packed as far as it was; everything is read
// beneath the directory and through no symlink, since deployed instances write there.
//
// Threads: one.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "runner/keeping/manifest.h"
#include "stages/artifact/bundle.h"
#include "stages/host/unique_fd.h"

namespace pipeline::keeping {

// How much was packed so far, and from which file.
using Progress = std::function<void(std::uint64_t bytes, const std::string& path)>;

class PackedState {
 public:
  // Whether a path below the state directory is wanted; a directory that is not is not entered.
  using Wanted = std::function<bool(const std::string& path)>;

  // Packs what is below `root` to the descriptor, which stays the caller's.
  static base::Result<PackedState> open(const std::filesystem::path& root, int fd,
                                        std::stop_token stop, Progress progress);

  // The file, the symlink, or the directory with all that it holds; nothing when it is not there,
  // or was packed already. Sockets and FIFOs are nothing without their process and are left out;
  // so is a symlink that leads out of the state directory.
  base::Result<> add(const std::string& path, const Wanted& wanted = nullptr);
  // A file from elsewhere, under that path.
  base::Result<> add_file(const std::string& path, const std::filesystem::path& file);
  // The manifest, with the files that were packed, and the end.
  base::Result<> finish(Manifest manifest);

  const std::vector<FileRecord>& files() const { return files_; }
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  PackedState(std::filesystem::path root, host::UniqueFd root_fd, artifact::BundleWriter writer,
              std::stop_token stop, Progress progress)
      : root_(std::move(root)),
        root_fd_(std::move(root_fd)),
        writer_(std::move(writer)),
        stop_(std::move(stop)),
        progress_(std::move(progress)) {}
  base::Result<> add_parents(const std::string& path);
  base::Result<> add_directory(const std::string& path, mode_t mode, uid_t owner,
                               const Wanted& wanted);
  base::Result<> add_symlink(const std::string& path);
  base::Result<> put_file(const std::string& path, int fd);
  base::Result<> put_bytes(artifact::BundleEntry entry, const std::string& bytes);
  base::Result<> put_stream(const artifact::BundleEntry& entry, int fd);
  base::Result<> go_on() const;

  std::filesystem::path root_;
  host::UniqueFd root_fd_;
  artifact::BundleWriter writer_;
  std::stop_token stop_;
  Progress progress_;
  std::vector<FileRecord> files_;
  std::set<std::string> packed_;
  std::vector<std::string> left_out_;
  std::uint64_t bytes_ = 0;
};

}  // namespace pipeline::keeping
