#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/sandbox/cgroup_places.h"
#include "stages/sandbox/helper/cgroup.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "pipeline-job-";

void remove_leftovers(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int pid = 0;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), pid);
    // rmdir refuses one that is in use, so a recycled pid only delays this.
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) ::rmdir(entry.path().c_str());
  }
}

}  // namespace

Result<CgroupDirectory> CgroupDirectory::make(const fs::path& parent) {
  const fs::path path = parent / (std::string(kPrefix) + std::to_string(::getpid()));
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return base::fail(Error::from_errno(errno, "make " + path.string()));
  }
  return CgroupDirectory(path);
}

CgroupDirectory::~CgroupDirectory() {
  if (path_.empty()) return;
  // A process that was just reaped may be counted for a moment longer.
  constexpr int kAttempts = 50;
  constexpr useconds_t kPause = 2000;
  for (int attempt = 0; attempt < kAttempts && ::rmdir(path_.c_str()) != 0 && errno == EBUSY;
       ++attempt) {
    ::usleep(kPause);
  }
}

Result<> CgroupDirectory::set(const char* file, const std::string& value) const {
  PIPELINE_ASSIGN(const auto fd, host::open_file(path_ / file, O_WRONLY));
  auto written = host::write_all(fd.get(), value);
  if (!written) return base::during(std::move(written), "set " + (path_ / file).string());
  return {};
}

std::optional<std::uint64_t> CgroupDirectory::number(const char* file,
                                                     const std::string& key) const {
  const auto text = host::read_file(path_ / file);
  if (!text) return std::nullopt;
  for (const auto& line : base::split(*text, '\n')) {
    std::string_view rest = line;
    if (!key.empty()) {
      if (!rest.starts_with(key + " ")) continue;
      rest.remove_prefix(key.size() + 1);
    }
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (parsed.ec == std::errc()) return value;
  }
  return std::nullopt;
}

void remove_leftover_cgroups(const CgroupPlaces& places) {
  for (const auto& place : {places.v2, places.v1_memory, places.v1_cpu}) {
    if (place) remove_leftovers(*place);
  }
}

std::unique_ptr<Cgroup> make_cgroup(const CgroupPlaces& places) {
  if (places.v2) return make_cgroup_v2(*places.v2);
  if (places.v1_memory) return make_cgroup_v1(*places.v1_memory, places.v1_cpu);
  return nullptr;
}

}  // namespace pipeline::sandbox::helper
