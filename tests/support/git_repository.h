// A repository made by the real git, whatever the machine's own configuration of git says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temporary_directory.h"

namespace pipeline::support {

class GitRepository {
 public:
  // `git init`, with branch main and nothing in it.
  GitRepository();

  const std::filesystem::path& path() const { return directory_.path(); }
  // Writes a file below the working tree.
  void write(const std::filesystem::path& name, std::string_view content) const {
    directory_.write(name, content);
  }
  // Runs `git <arguments>` (shell syntax) in the working tree and returns its output without the
  // last newline. Throws when git fails.
  std::string git(const std::string& arguments) const;
  // Everything added and committed; returns the commit's id.
  std::string commit(const std::string& message = "change") const;
  // What git makes of the working tree as it stands, by way of an index of its own.
  std::string tree_of_working_tree() const;

 private:
  TemporaryDirectory directory_;
};

// Runs a shell command and returns its output without the last newline; throws when it fails.
std::string shell(const std::string& command);

}  // namespace pipeline::support
