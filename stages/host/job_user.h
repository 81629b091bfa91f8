// Who jobs and deployed instances run as. An ordinary user's run as that user, jobs inside a user
// namespace. A program started as root never lets a job be host uid 0, not even as a mapped user:
// its jobs run as one dedicated uid, and every file a job may change, or that overlayfs must copy
// up, belongs to it.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "pipelines/base/result.h"
#include "stages/host/file_owner.h"

namespace pipeline::host {

// Above every 16-bit range that Debian and systemd hand out (system users, nobody, DynamicUser) and
// below 100000, where useradd begins subordinate ranges. It needs no entry in /etc/passwd.
inline constexpr uid_t kDedicatedJobUid = 88'000;

// Instances of deployed releases, which serve users for weeks, run as another one: whoever breaks
// into one must not be able to write to the trees and layers that the next job builds from.
inline constexpr uid_t kDedicatedInstanceUid = kDedicatedJobUid + 1;

FileOwner job_user();
FileOwner instance_user();

// Makes one file, directory or symlink (not what it points to) the job user's. Does nothing for an
// ordinary user, whose files are the job user's already.
base::Result<> give_to_job_user(const std::filesystem::path& path);
base::Result<> give_to_instance_user(const std::filesystem::path& path);
// As give_to_job_user, for everything below a directory, which must not be changed by others
// meanwhile.
base::Result<> give_tree_to_job_user(const std::filesystem::path& directory);

}  // namespace pipeline::host
