// Lock files that git, or libgit2, leaves in a repository when it is killed: nobody ever takes them
// away, and every later change of what they lock is refused.
#pragma once

#include <chrono>
#include <filesystem>

namespace pipeline::source {

// Removes those that are older than that. Of objects there are none. REQUIRES: nobody who could
// hold a lock of that age is at work in the repository.
void remove_left_locks(const std::filesystem::path& repository, std::chrono::seconds older_than);

}  // namespace pipeline::source
