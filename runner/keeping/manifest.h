// What is in a backup: its last file, `manifest.json`. A backup that was cut off has none.
//   {"format":1,"schema":9,"program":"0.1.0","created_at":"2026-11-29T18:00:00.000000Z",
//    "root":"/srv/team","files":[{"path":"pipeline.db","size":4096,"sha256":"…"}]}
// Pure values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::keeping {

inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kDatabase = "pipeline.db";
// Of the layout of a backup, not of what the database looks like.
inline constexpr int kBackupFormat = 1;

struct FileRecord {
  std::string path;
  std::uint64_t size = 0;
  base::Digest sha256;
  bool operator==(const FileRecord&) const = default;
};

struct Manifest {
  int format = kBackupFormat;
  int schema = 0;       // of pipeline.db
  std::string program;  // version of what wrote it
  base::TimePoint created_at;
  std::string root;               // the state directory that it was
  std::vector<FileRecord> files;  // all but the manifest itself
  bool operator==(const Manifest&) const = default;
};

std::string to_json(const Manifest& manifest);
// ErrorKind::corrupt for what to_json() would not have written, ErrorKind::unavailable for a format
// that a later program wrote.
base::Result<Manifest> manifest_from_json(std::string_view text);

}  // namespace pipeline::keeping
