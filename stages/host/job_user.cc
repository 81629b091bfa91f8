#include "stages/host/job_user.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace pipeline::host {

using base::Result;

namespace {

FileOwner dedicated(uid_t uid) {
  if (::geteuid() == 0) return {.uid = uid, .gid = uid};
  return {.uid = ::geteuid(), .gid = ::getegid()};
}

Result<> give(const std::filesystem::path& path, const FileOwner& user, const char* whose) {
  if (::geteuid() != 0) return {};
  if (::fchownat(AT_FDCWD, path.c_str(), user.uid, user.gid, AT_SYMLINK_NOFOLLOW) == 0) return {};
  return base::fail(
      base::Error::from_errno(errno, "give " + path.string() + " to the " + whose + " user"));
}

}  // namespace

FileOwner job_user() {
  return dedicated(kDedicatedJobUid);
}

FileOwner instance_user() {
  return dedicated(kDedicatedInstanceUid);
}

Result<> give_to_job_user(const std::filesystem::path& path) {
  return give(path, job_user(), "job");
}

Result<> give_to_instance_user(const std::filesystem::path& path) {
  return give(path, instance_user(), "instance");
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
