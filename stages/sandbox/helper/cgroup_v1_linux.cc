#include <fcntl.h>

#include "stages/host/file.h"
#include "stages/sandbox/helper/cgroup.h"

namespace pipeline::sandbox::helper {

namespace fs = std::filesystem;

namespace {

constexpr int kPeriodMicroseconds = 100'000;

struct Controller {
  CgroupDirectory directory;
  host::UniqueFd tasks;
};

// `tasks`, not `cgroup.procs`: a thread that enters by itself does so at once, while moving another
// process makes the kernel wait for all processors, which takes milliseconds.
std::optional<Controller> controller_below(const fs::path& parent) {
  auto directory = CgroupDirectory::make(parent);
  if (!directory) return std::nullopt;
  auto tasks = host::open_file(directory->path() / "tasks", O_WRONLY);
  if (!tasks) return std::nullopt;
  return Controller{.directory = std::move(*directory), .tasks = std::move(*tasks)};
}

class CgroupV1 final : public Cgroup {
 public:
  CgroupV1(Controller memory, std::optional<fs::path> cpu_parent)
      : memory_(std::move(memory)), cpu_parent_(std::move(cpu_parent)) {}

  // Each controller has a tree of its own; a process can be born into one cgroup only.
  int birthplace() const override { return -1; }

  base::Result<> limit(const model::SandboxSpec& limits) override {
    const std::string bytes = std::to_string(limits.memory);
    PIPELINE_TRY(memory_.directory.set("memory.limit_in_bytes", bytes));
    // Absent on kernels without swap accounting; then swap is not limited, as `doctor` says.
    (void)memory_.directory.set("memory.memsw.limit_in_bytes", bytes);
    if (limits.cpus > 0 && cpu_parent_) limit_cpu(limits.cpus);
    return {};
  }

  std::vector<int> entrances() const override {
    std::vector<int> result = {memory_.tasks.get()};
    if (cpu_) result.push_back(cpu_->tasks.get());
    return result;
  }

  std::uint64_t peak_memory() const override {
    return memory_.directory.number("memory.max_usage_in_bytes").value_or(0);
  }
  bool hit_memory_limit() const override {
    return memory_.directory.number("memory.oom_control", "oom_kill").value_or(0) > 0;
  }
  std::optional<base::Duration> cpu() const override { return std::nullopt; }

 private:
  // Best effort, as in version 2: a job on a machine without it is only faster.
  void limit_cpu(double cpus) {
    auto made = controller_below(*cpu_parent_);
    const auto quota = static_cast<std::int64_t>(cpus * kPeriodMicroseconds);
    if (made && made->directory.set("cpu.cfs_period_us", std::to_string(kPeriodMicroseconds)) &&
        made->directory.set("cpu.cfs_quota_us", std::to_string(quota))) {
      cpu_.emplace(std::move(*made));
    }
  }

  Controller memory_;
  std::optional<fs::path> cpu_parent_;
  std::optional<Controller> cpu_;
};

}  // namespace

std::unique_ptr<Cgroup> make_cgroup_v1(const fs::path& memory_parent,
                                       std::optional<fs::path> cpu_parent) {
  auto memory = controller_below(memory_parent);
  // Tells at once whether limits can be set here.
  if (!memory || !memory->directory.set("memory.limit_in_bytes", "-1")) return nullptr;
  return std::make_unique<CgroupV1>(std::move(*memory), std::move(cpu_parent));
}

}  // namespace pipeline::sandbox::helper
