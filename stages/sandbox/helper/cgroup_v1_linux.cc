#include "stages/sandbox/helper/cgroup.h"

namespace pipeline::sandbox::helper {

using base::Result;
namespace fs = std::filesystem;

namespace {

constexpr int kPeriodMicroseconds = 100'000;

class CgroupV1 final : public Cgroup {
 public:
  CgroupV1(CgroupDirectory memory, std::optional<CgroupDirectory> cpu)
      : memory_(std::move(memory)), cpu_(std::move(cpu)) {}

  // Each controller has a tree of its own; a process can be born into one cgroup only.
  int birthplace() const override { return -1; }

  Result<> adopt(int pid) const override {
    if (cpu_) {
      PIPELINE_TRY(cpu_->set("cgroup.procs", std::to_string(pid)));
    }
    return memory_.set("cgroup.procs", std::to_string(pid));
  }

  std::uint64_t peak_memory() const override {
    return memory_.number("memory.max_usage_in_bytes").value_or(0);
  }
  bool hit_memory_limit() const override {
    return memory_.number("memory.oom_control", "oom_kill").value_or(0) > 0;
  }
  std::optional<base::Duration> cpu() const override { return std::nullopt; }

 private:
  CgroupDirectory memory_;
  std::optional<CgroupDirectory> cpu_;
};

}  // namespace

std::unique_ptr<Cgroup> make_cgroup_v1(const fs::path& memory_parent,
                                       const std::optional<fs::path>& cpu_parent,
                                       const model::SandboxSpec& limits) {
  auto memory = CgroupDirectory::make(memory_parent);
  if (!memory || !memory->set("memory.limit_in_bytes", std::to_string(limits.memory))) {
    return nullptr;
  }
  // Absent on kernels without swap accounting; then swap is not limited, as `doctor` says.
  (void)memory->set("memory.memsw.limit_in_bytes", std::to_string(limits.memory));

  std::optional<CgroupDirectory> cpu;
  if (limits.cpus > 0 && cpu_parent) {
    auto made = CgroupDirectory::make(*cpu_parent);
    const auto quota = static_cast<std::int64_t>(limits.cpus * kPeriodMicroseconds);
    if (made && made->set("cpu.cfs_period_us", std::to_string(kPeriodMicroseconds)) &&
        made->set("cpu.cfs_quota_us", std::to_string(quota))) {
      cpu.emplace(std::move(*made));
    }
  }
  return std::make_unique<CgroupV1>(std::move(*memory), std::move(cpu));
}

}  // namespace pipeline::sandbox::helper
