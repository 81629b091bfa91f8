#include "stages/host/job_user.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace pipeline::host {

using base::Result;

FileOwner job_user() {
  const uid_t uid = ::geteuid();
  if (uid == 0) return {.uid = kDedicatedJobUid, .gid = kDedicatedJobUid};
  return {.uid = uid, .gid = ::getegid()};
}

Result<> give_to_job_user(const std::filesystem::path& path) {
  if (::geteuid() != 0) return {};
  const FileOwner user = job_user();
  if (::fchownat(AT_FDCWD, path.c_str(), user.uid, user.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return base::fail(base::Error::from_errno(errno, "give " + path.string() + " to the job user"));
  }
  return {};
}

Result<> give_tree_to_job_user(const std::filesystem::path& directory) {
  if (::geteuid() != 0) return {};
  PIPELINE_TRY(give_to_job_user(directory));
  std::error_code code;
  for (std::filesystem::recursive_directory_iterator entry(directory, code), end;
       !code && entry != end; entry.increment(code)) {
    PIPELINE_TRY(give_to_job_user(entry->path()));
  }
  if (code) return base::fail(base::Error::from_errno(code.value(), "walk " + directory.string()));
  return {};
}

}  // namespace pipeline::host
