#include <fcntl.h>

#include "stages/host/file.h"
#include "stages/sandbox/helper/cgroup.h"

namespace pipeline::sandbox::helper {

namespace fs = std::filesystem;

namespace {

constexpr int kPeriodMicroseconds = 100'000;

class CgroupV2 final : public Cgroup {
 public:
  CgroupV2(CgroupDirectory directory, host::UniqueFd birthplace)
      : directory_(std::move(directory)), birthplace_(std::move(birthplace)) {}

  int birthplace() const override { return birthplace_.get(); }
  std::vector<int> entrances() const override { return {}; }
  std::uint64_t peak_memory() const override {
    return directory_.number("memory.peak").value_or(0);  // Linux 5.19
  }
  bool hit_memory_limit() const override {
    return directory_.number("memory.events", "oom_kill").value_or(0) > 0;
  }
  std::optional<base::Duration> cpu() const override {
    const auto microseconds = directory_.number("cpu.stat", "usage_usec");
    if (!microseconds) return std::nullopt;
    return std::chrono::duration_cast<base::Duration>(std::chrono::microseconds(*microseconds));
  }

 private:
  CgroupDirectory directory_;
  host::UniqueFd birthplace_;
};

}  // namespace

std::unique_ptr<Cgroup> make_cgroup_v2(const fs::path& parent, const model::SandboxSpec& limits) {
  auto directory = CgroupDirectory::make(parent);
  if (!directory || !directory->set("memory.max", std::to_string(limits.memory))) return nullptr;
  // What follows is absent where the controller is not handed down; memory is what matters most.
  (void)directory->set("memory.swap.max", "0");
  (void)directory->set("memory.oom.group", "1");
  (void)directory->set("pids.max", std::to_string(limits.processes + 1));
  if (limits.cpus > 0) {
    const auto quota = static_cast<std::int64_t>(limits.cpus * kPeriodMicroseconds);
    (void)directory->set("cpu.max",
                         std::to_string(quota) + " " + std::to_string(kPeriodMicroseconds));
  }
  auto birthplace = host::open_file(directory->path(), O_RDONLY | O_DIRECTORY);
  if (!birthplace) return nullptr;
  return std::make_unique<CgroupV2>(std::move(*directory), std::move(*birthplace));
}

}  // namespace pipeline::sandbox::helper
