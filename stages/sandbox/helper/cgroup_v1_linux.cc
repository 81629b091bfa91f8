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

class CgroupV1 final : public Cgroup {
 public:
  CgroupV1(Controller memory, std::optional<Controller> cpu)
      : memory_(std::move(memory)), cpu_(std::move(cpu)) {}

  // Each controller has a tree of its own; a process can be born into one cgroup only.
  int birthplace() const override { return -1; }

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
  Controller memory_;
  std::optional<Controller> cpu_;
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

}  // namespace

std::unique_ptr<Cgroup> make_cgroup_v1(const fs::path& memory_parent,
                                       const std::optional<fs::path>& cpu_parent,
                                       const model::SandboxSpec& limits) {
  auto memory = controller_below(memory_parent);
  const std::string limit = std::to_string(limits.memory);
  if (!memory || !memory->directory.set("memory.limit_in_bytes", limit)) return nullptr;
  // Absent on kernels without swap accounting; then swap is not limited, as `doctor` says.
  (void)memory->directory.set("memory.memsw.limit_in_bytes", limit);

  std::optional<Controller> cpu;
  if (limits.cpus > 0 && cpu_parent) {
    auto made = controller_below(*cpu_parent);
    const auto quota = static_cast<std::int64_t>(limits.cpus * kPeriodMicroseconds);
    if (made && made->directory.set("cpu.cfs_period_us", std::to_string(kPeriodMicroseconds)) &&
        made->directory.set("cpu.cfs_quota_us", std::to_string(quota))) {
      cpu.emplace(std::move(*made));
    }
  }
  return std::make_unique<CgroupV1>(std::move(*memory), std::move(cpu));
}

}  // namespace pipeline::sandbox::helper
