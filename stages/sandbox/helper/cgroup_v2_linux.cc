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
  base::Result<> limit(const model::SandboxSpec& limits) override {
    PIPELINE_TRY(directory_.set("memory.max", std::to_string(limits.memory)));
    // What follows is absent where the controller is not handed down; memory is what matters most.
    (void)directory_.set("memory.swap.max", "0");
    (void)directory_.set("memory.oom.group", "1");
    (void)directory_.set("pids.max", std::to_string(limits.processes + 1));
    if (limits.cpus <= 0) return {};
    const auto quota = static_cast<std::int64_t>(limits.cpus * kPeriodMicroseconds);
    (void)directory_.set("cpu.max",
                         std::to_string(quota) + " " + std::to_string(kPeriodMicroseconds));
    return {};
  }
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

std::unique_ptr<Cgroup> make_cgroup_v2(const fs::path& parent) {
  auto directory = CgroupDirectory::make(parent);
  // Tells at once whether limits can be set here.
  if (!directory || !directory->set("memory.max", "max")) return nullptr;
  auto birthplace = host::open_file(directory->path(), O_RDONLY | O_DIRECTORY);
  if (!birthplace) return nullptr;
  return std::make_unique<CgroupV2>(std::move(*directory), std::move(*birthplace));
}

}  // namespace pipeline::sandbox::helper
