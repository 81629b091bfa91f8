// What this machine offers to sandboxes, what follows from what is missing, and how to get it: the
// matter of `pipeline doctor`.
#pragma once

#include <string>
#include <vector>

namespace pipeline::sandbox {

enum class Support {
  full,
  partial,  // jobs run isolated, with the weakness that `consequence` names
  missing,  // no job can be isolated without it
};

struct Capability {
  std::string name;  // "user namespaces"
  Support support = Support::full;
  std::string found{};        // what was seen: "cgroup v1, memory and cpu"
  std::string consequence{};  // empty with full support
  std::string remedy{};       // what a person can do; empty with full support
};

// What the kernel and whatever we run in allow. Tries each thing out in short-lived children of its
// own; takes some ten milliseconds and leaves nothing behind. Safe in a threaded program.
std::vector<Capability> probe_environment();
// That, and whether the helper program is installed.
std::vector<Capability> probe_capabilities();

bool can_isolate(const std::vector<Capability>& capabilities);

// For a person, 80 columns, no colour. Pure.
std::string render(const std::vector<Capability>& capabilities);

}  // namespace pipeline::sandbox
