#include "stages/deploy/process/releases.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::deploy::process {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

namespace {

constexpr const char* kFiles = "files";
constexpr const char* kDigest = "digest";

Result<> checked(const std::error_code& error, const std::string& attempt) {
  if (!error) return {};
  return base::fail(base::Error::from_errno(error.value(), attempt));
}

// Takes the permission to write from everything below `root`; symlinks have none of their own.
Result<> make_read_only(const fs::path& root) {
  constexpr auto kWrite = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
    if (entry.is_symlink(error)) continue;
    fs::permissions(entry.path(), kWrite, fs::perm_options::remove, error);
    if (error) break;
  }
  if (!error) fs::permissions(root, kWrite, fs::perm_options::remove, error);
  return checked(error, "protect " + root.string());
}

Result<> synced(const fs::path& directory, int (*sync)(int)) {
  PIPELINE_ASSIGN(const auto fd, host::open_file(directory, O_RDONLY | O_DIRECTORY));
  if (sync(fd.get()) == 0) return {};
  return base::fail(base::Error::from_errno(errno, "sync " + directory.string()));
}

}  // namespace

Result<> Releases::install(std::uint64_t release, const base::Digest& artifact) const {
  const fs::path place = directory_ / std::to_string(release);
  if (const auto installed = host::read_file(place / kDigest)) {
    if (*installed == artifact.hex()) return {};
    return base::fail(ErrorKind::conflict,
                      "release " + std::to_string(release) + " is installed from another artifact");
  }
  const fs::path making = directory_ / (std::to_string(release) + ".making");
  PIPELINE_TRY(host::remove_all(making));  // of somebody who was killed
  std::error_code error;
  fs::create_directories(making, error);
  PIPELINE_TRY(checked(error, "make " + making.string()));
  PIPELINE_TRY(artifacts_.unpack(artifact, making / kFiles));
  PIPELINE_TRY(make_read_only(making / kFiles));
  PIPELINE_TRY(host::write_file(making / kDigest, artifact.hex()));
  PIPELINE_TRY(synced(making, ::syncfs));  // all its files at once
  fs::rename(making, place, error);
  PIPELINE_TRY(checked(error, "put " + place.string() + " in place"));
  return synced(directory_, ::fsync);
}

Result<std::uint64_t> Releases::last() const {
  std::uint64_t last = 0;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::uint64_t release = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), release);
    if (wrong == std::errc() && rest == name.data() + name.size()) last = std::max(last, release);
  }
  if (error == std::errc::no_such_file_or_directory) return 0;
  PIPELINE_TRY(checked(error, "list " + directory_.string()));
  return last;
}

Result<fs::path> Releases::files(std::uint64_t release) const {
  fs::path place = directory_ / std::to_string(release) / kFiles;
  std::error_code ignored;
  if (fs::is_directory(place, ignored)) return place;
  return base::fail(ErrorKind::not_found,
                    "release " + std::to_string(release) + " is not installed");
}

Result<> Releases::remove(std::uint64_t release) const {
  const fs::path place = directory_ / std::to_string(release);
  const fs::path leaving = directory_ / (std::to_string(release) + ".leaving");
  std::error_code error;
  // Gone at once for whoever looks, in whatever state removing it is interrupted.
  fs::rename(place, leaving, error);
  return host::remove_all(leaving);
}

}  // namespace pipeline::deploy::process
