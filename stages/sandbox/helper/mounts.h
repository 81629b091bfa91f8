// The mount calls of Linux with errors that say what was attempted. Paths are relative to the
// current directory, which is the root that is being built.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::sandbox::helper {

base::Result<> mount_new(const char* type, const std::string& target, unsigned long flags,
                         const std::string& options);

enum class Access { read_only, as_it_is };

// A copy of what is mounted at `directory` and below, not attached anywhere yet. Set-user-id and
// device files below it mean nothing.
base::Result<host::UniqueFd> clone_tree(int directory, const std::string& path, Access access);
base::Result<> attach(int tree, const std::string& target);

base::Result<> make_directory(const std::string& path, unsigned mode = 0755);
// With its parents.
base::Result<> make_directories(const std::string& path);
base::Result<> make_file(const std::string& path, const std::string& text);
base::Result<> make_link(const std::string& target, const std::string& path);

}  // namespace pipeline::sandbox::helper
