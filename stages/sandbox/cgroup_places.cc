#include "stages/sandbox/cgroup_places.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "pipelines/base/text.h"
#include "stages/host/file.h"

namespace pipeline::sandbox {

namespace fs = std::filesystem;

namespace {

bool names(std::string_view list, std::string_view name, char separator) {
  const auto parts = base::split(list, separator);
  return std::find(parts.begin(), parts.end(), name) != parts.end();
}

// "9:name=systemd:/path": what the file says of one hierarchy.
std::optional<std::string> path_in(std::string_view cgroup, std::string_view controller) {
  for (const auto& line : base::split(cgroup, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    const bool found =
        controller.empty() ? controllers.empty() : names(controllers, controller, ',');
    if (found) return line.substr(second + 1);
  }
  return std::nullopt;
}

// A line of mountinfo: "36 35 98:0 /root /mount options - type source super-options".
std::optional<fs::path> mount_of(std::string_view mountinfo, std::string_view controller) {
  for (const auto& line : base::split(mountinfo, '\n')) {
    const auto divider = line.find(" - ");
    if (divider == std::string::npos) continue;
    const auto before = base::split(line.substr(0, divider), ' ');
    const auto after = base::split(line.substr(divider + 3), ' ');
    // Only where the hierarchy's own root is mounted do the paths of /proc/self/cgroup apply.
    if (before.size() < 5 || after.size() < 3 || before[3] != "/") continue;
    const bool found = controller.empty()
                           ? after[0] == "cgroup2"
                           : after[0] == "cgroup" && names(after[2], controller, ',');
    if (found) return before[4];
  }
  return std::nullopt;
}

bool writable(const fs::path& path) {
  return ::access(path.c_str(), W_OK) == 0;
}

bool hands_down_memory(const fs::path& directory) {
  const auto control = host::read_file(directory / "cgroup.subtree_control");
  return control && names(base::trim(*control), "memory", ' ');
}

std::optional<fs::path> nearest_v2(const OwnCgroup& place) {
  // Not our own cgroup but one above: a cgroup with processes may not hand controllers down.
  for (fs::path at = place.own; at != place.mount_point && at.has_relative_path();) {
    at = at.parent_path();
    if (writable(at) && writable(at / "cgroup.procs") && hands_down_memory(at)) return at;
  }
  if (writable(place.mount_point) && hands_down_memory(place.mount_point)) return place.mount_point;
  return std::nullopt;
}

std::optional<fs::path> own_v1(const std::string& cgroup, const std::string& mountinfo,
                               std::string_view controller) {
  const auto place = own_cgroup(cgroup, mountinfo, controller);
  if (!place || !writable(place->own)) return std::nullopt;
  return place->own;
}

}  // namespace

std::optional<OwnCgroup> own_cgroup(std::string_view cgroup, std::string_view mountinfo,
                                    std::string_view controller) {
  const auto path = path_in(cgroup, controller);
  const auto mount = mount_of(mountinfo, controller);
  if (!path || !mount) return std::nullopt;
  const std::string relative = fs::path(*path).relative_path();
  return OwnCgroup{.mount_point = *mount, .own = relative.empty() ? *mount : *mount / relative};
}

CgroupPlaces find_cgroup_places() {
  CgroupPlaces places;
  const std::string cgroup = host::read_file("/proc/self/cgroup").value_or("");
  const std::string mountinfo = host::read_file("/proc/self/mountinfo").value_or("");
  const auto v2 = own_cgroup(cgroup, mountinfo, "");
  places.v2_mounted = v2.has_value();
  if (v2) places.v2 = nearest_v2(*v2);
  places.v1_memory = own_v1(cgroup, mountinfo, "memory");
  places.v1_cpu = own_v1(cgroup, mountinfo, "cpu");
  return places;
}

}  // namespace pipeline::sandbox
