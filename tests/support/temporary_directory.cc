#include "tests/support/temporary_directory.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace pipeline::support {

namespace fs = std::filesystem;

namespace {

// An ordinary user cannot remove what is in a directory that even its owner may not enter or write
// (overlayfs leaves one with mode 0).
void make_removable(const fs::path& directory) {
  std::error_code ignored;
  fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add, ignored);
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) make_removable(entry.path());
  }
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::temp_directory_path() / "pipeline-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  }
  path_ = name;
  fs::permissions(path_, fs::perms(0755));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  make_removable(path_);
  fs::remove_all(path_, ignored);
}

fs::path TemporaryDirectory::write(const fs::path& name, std::string_view content) const {
  fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  stream.close();
  if (!stream) throw std::system_error(errno, std::generic_category(), "write " + file.string());
  return file;
}

std::string TemporaryDirectory::read(const fs::path& name) const {
  const fs::path file = path_ / name;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::system_error(errno, std::generic_category(), "read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace pipeline::support
