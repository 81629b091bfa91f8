// A cgroup for one job: limits that hold whatever it does, and what it used. Version 2 where a
// delegated tree is there, else version 1, else none.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/model/stage.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/cgroup_places.h"

namespace pipeline::sandbox::helper {

class Cgroup {
 public:
  virtual ~Cgroup() = default;  // removes it, which works once no process is left in it

  // A directory the job's first process is born into, or -1.
  virtual int birthplace() const = 0;
  // Before the job's first command.
  virtual base::Result<> limit(const model::SandboxSpec& limits) = 0;
  // Where a process that was not born into it enters by itself, writing "0"; after limit().
  virtual std::vector<int> entrances() const = 0;

  virtual std::uint64_t peak_memory() const = 0;          // 0: not known
  virtual bool hit_memory_limit() const = 0;              // the kernel has killed for it
  virtual std::optional<base::Duration> cpu() const = 0;  // of all processes that ever were in it
};

// None when this machine has no cgroup that we may make; the job then gets what memory_watch.h and
// resource limits can do.
std::unique_ptr<Cgroup> make_cgroup(const CgroupPlaces& places);

// Of helpers that were killed with -9 and could not remove their own.
void remove_leftover_cgroups(const CgroupPlaces& places);

// What both versions share: a directory named after this process, below `parent`.
class CgroupDirectory {
 public:
  static base::Result<CgroupDirectory> make(const std::filesystem::path& parent);
  CgroupDirectory(CgroupDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  CgroupDirectory& operator=(CgroupDirectory&&) = delete;
  ~CgroupDirectory();

  const std::filesystem::path& path() const { return path_; }
  base::Result<> set(const char* file, const std::string& value) const;
  // The number after `key` in a file of "key number" lines, or the whole file's number (no key).
  std::optional<std::uint64_t> number(const char* file, const std::string& key = "") const;

 private:
  explicit CgroupDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

std::unique_ptr<Cgroup> make_cgroup_v1(const std::filesystem::path& memory,
                                       std::optional<std::filesystem::path> cpu);
std::unique_ptr<Cgroup> make_cgroup_v2(const std::filesystem::path& parent);

}  // namespace pipeline::sandbox::helper
