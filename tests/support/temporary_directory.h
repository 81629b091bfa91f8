// A directory of its own for one test, removed with everything in it at the end, also what was made
// unreadable meanwhile. Other users may enter it: jobs of a run by root have another uid.
//
// Misuse (a file that cannot be written or read) throws: it is the test that is wrong, and
// GoogleTest reports the exception as the test's failure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pipeline::support {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Writes a file below it, with the directories on the way, and returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const;
  std::string read(const std::filesystem::path& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace pipeline::support
