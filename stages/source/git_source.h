// The Source that reads git, by libgit2.
#pragma once

#include <filesystem>
#include <memory>

#include "stages/source/source.h"

namespace pipeline::source {

// Directories are made when first needed; several processes may share them.
std::unique_ptr<Source> make_git_source(const std::filesystem::path& mirrors,
                                        const std::filesystem::path& trees);

}  // namespace pipeline::source
