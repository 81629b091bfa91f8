// Files of any kind as one compressed tar archive (zstd), written and read one entry after the
// other: what a backup is made of. Unlike an artifact's (packer.h) it keeps modes and owners, and
// its bytes are not the same twice.
//
// An entry's path is relative, without empty, `.` and `..` segments: a writer is not given another,
// and a reader refuses one.
// Threads: an object belongs to one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::artifact {

enum class BundleKind { file, directory, symlink };

struct BundleEntry {
  std::string path;
  BundleKind kind = BundleKind::file;
  mode_t mode = 0644;      // permissions alone
  uid_t owner = 0;         //
  std::uint64_t size = 0;  // bytes of a file
  std::string target{};    // of a symlink
};

class BundleWriter {
 public:
  // To the descriptor, which stays the caller's.
  static base::Result<BundleWriter> open(int fd);
  BundleWriter(BundleWriter&&) noexcept;
  BundleWriter& operator=(BundleWriter&&) = delete;
  ~BundleWriter();

  // A file is followed by write() of as many bytes as its entry says.
  base::Result<> begin(const BundleEntry& entry);
  base::Result<> write(std::string_view bytes);
  // Without it the archive is not complete.
  base::Result<> finish();

 private:
  struct Handle;
  explicit BundleWriter(std::unique_ptr<Handle> handle);
  base::Result<> check(int code, std::string_view what) const;
  std::unique_ptr<Handle> handle_;
};

class BundleReader {
 public:
  // From the descriptor, which stays the caller's. ErrorKind::corrupt when it is no such archive.
  static base::Result<BundleReader> open(int fd);
  BundleReader(BundleReader&&) noexcept;
  BundleReader& operator=(BundleReader&&) = delete;
  ~BundleReader();

  // None at the end. ErrorKind::corrupt for what BundleWriter would not have written.
  base::Result<std::optional<BundleEntry>> next();
  // Of the file that next() gave; 0 at its end.
  base::Result<std::size_t> read(std::span<char> block);

 private:
  struct Handle;
  explicit BundleReader(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace pipeline::artifact
