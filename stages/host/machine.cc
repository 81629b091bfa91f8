#include "stages/host/machine.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "stages/host/file.h"

namespace pipeline::host {

using base::Result;

Result<Disk> disk_of(const std::filesystem::path& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0)
    return base::fail(base::Error::from_errno(errno, "look at the disk of " + path.string()));
  return Disk{.size = std::uint64_t{status.f_blocks} * status.f_frsize,
              .free = std::uint64_t{status.f_bavail} * status.f_frsize};
}

Result<Memory> memory_of_machine() {
  PIPELINE_ASSIGN(const std::string text, read_file("/proc/meminfo"));
  Memory memory;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t kibibytes = 0;
    fields >> name >> kibibytes;
    if (name == "MemTotal:") memory.size = kibibytes << 10U;
    if (name == "MemAvailable:") memory.available = kibibytes << 10U;
  }
  if (memory.size == 0)
    return base::fail(base::ErrorKind::unavailable, "/proc/meminfo does not tell the memory");
  return memory;
}

double load_of_machine() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

base::Result<std::string> machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return base::fail(base::Error::from_errno(errno, "tell the machine's name"));
  return std::string(name.data());
}

}  // namespace pipeline::host
