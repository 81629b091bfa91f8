// Where, on this machine, a cgroup for a job can be made, read from /proc and /sys.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pipeline::sandbox {

struct CgroupPlaces {
  // A v2 directory below which a child with memory, pids and cpu limits can be made by us: the
  // nearest ancestor of our own cgroup that is ours to write and hands the memory controller down.
  std::optional<std::filesystem::path> v2;
  // v1: our own cgroup in that controller's hierarchy, if it is ours to write.
  std::optional<std::filesystem::path> v1_memory;
  std::optional<std::filesystem::path> v1_cpu;
  bool v2_mounted = false;
};

CgroupPlaces find_cgroup_places();

// The pure half, for tests. `cgroup` and `mountinfo` are the texts of /proc/self/…; an empty
// controller means v2. The path is mount point + our own cgroup; none when not mounted.
struct OwnCgroup {
  std::filesystem::path mount_point;
  std::filesystem::path own;
};
std::optional<OwnCgroup> own_cgroup(std::string_view cgroup, std::string_view mountinfo,
                                    std::string_view controller);

}  // namespace pipeline::sandbox
