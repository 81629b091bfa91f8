#include "tests/support/git_repository.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace pipeline::support {

namespace {

constexpr std::string_view kEnvironment =
    "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a "
    "GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org ";

}  // namespace

GitRepository::GitRepository() {
  git("init -q -b main");
}

std::string GitRepository::git(const std::string& arguments) const {
  return shell("cd '" + path().string() + "' && " + std::string(kEnvironment) +
               "git -c protocol.file.allow=always " + arguments + " 2>/dev/null");
}

std::string GitRepository::commit(const std::string& message) const {
  git("add --all");
  git("commit -q --allow-empty -m '" + message + "'");
  return git("rev-parse HEAD");
}

std::string GitRepository::tree_of_working_tree() const {
  const TemporaryDirectory scratch;
  const std::string index = (scratch.path() / "index").string();
  return shell("cd '" + path().string() + "' && cp -p .git/index '" + index +
               "' 2>/dev/null; export GIT_INDEX_FILE='" + index + "' " + std::string(kEnvironment) +
               "; git add --all 2>/dev/null && git write-tree");
}

std::string shell(const std::string& command) {
  // What git sets for its hooks and for `rebase --exec` would lead to the repository these tests
  // are in, and a test that changes its repository's configuration would change that one's.
  const std::string clean =
      "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_PREFIX; ";
  FILE* pipe = ::popen((clean + command).c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string output;
  std::array<char, 4096> block{};
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), pipe))
    output.append(block.data(), n);
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

}  // namespace pipeline::support
