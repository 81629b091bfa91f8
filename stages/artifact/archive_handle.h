// libarchive's objects with owners, and its errors as ours. Included by this folder only.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::artifact {

struct FreeArchive {
  void operator()(archive* handle) const { ::archive_free(handle); }
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;
using EntryHandle = std::unique_ptr<archive_entry, FreeArchive>;

inline base::Error archive_failure(archive& handle, base::ErrorKind kind, std::string_view what) {
  const char* text = ::archive_error_string(&handle);
  return base::Error(kind, text != nullptr ? text : "archive error").during(what);
}

}  // namespace pipeline::artifact
