#include "stages/host/seal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "stages/host/boot.h"
#include "stages/host/file.h"

namespace pipeline::host {

namespace {

std::string note(std::string_view look) {
  return boot_id() + std::string(look) + "\n";
}

}  // namespace

bool Seal::holds(const std::filesystem::path& file, std::string_view look) {
  const auto text = read_file(file);
  return text && *text == note(look);
}

base::Result<Seal> Seal::lock(const std::filesystem::path& file) {
  PIPELINE_ASSIGN(UniqueFd fd, open_file(file, O_RDWR | O_CREAT, 0644));
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return base::fail(base::Error::from_errno(errno, "lock " + file.string()));
  return Seal(file, std::move(fd));
}

base::Result<> Seal::put(std::string_view look) const {
  const std::string text = note(look);
  if (::ftruncate(fd_.get(), 0) != 0 ||
      ::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return base::fail(base::Error::from_errno(errno, "write " + file_.string()));
  return {};
}

}  // namespace pipeline::host
