// How this machine is at the moment: disk, memory, load. Linux; safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::host {

// Of the file system that a path is on, in bytes.
struct Disk {
  std::uint64_t size = 0;
  std::uint64_t free = 0;  // for who is not root
};
base::Result<Disk> disk_of(const std::filesystem::path& path);

struct Memory {
  std::uint64_t size = 0;
  std::uint64_t available = 0;  // without swapping, as the kernel reckons
};
base::Result<Memory> memory_of_machine();

// Processes that run or want to, on average over the last minute; 0 when it cannot be told.
double load_of_machine();

// As the network knows it.
base::Result<std::string> machine_name();

}  // namespace pipeline::host
