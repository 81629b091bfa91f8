// What the helper program is handed: the plan, and what only the parent can compute. Written to a
// memfd as JSON, so that secrets are never in arguments, the environment or a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox {

struct Order {
  SandboxPlan plan;
  // A classic BPF program for seccomp, one 64-bit word an instruction (struct sock_filter's bytes).
  // Compiled here, so that the helper needs no libseccomp. Empty for Isolation::none.
  std::vector<std::uint64_t> filter;
};

std::string to_json(const Order& order);
base::Result<Order> order_from_json(std::string_view text);
// From the memfd, wherever its offset is.
base::Result<Order> read_order(int memory);

// The form of result.json.
std::string to_json(const SandboxResult& result);
base::Result<SandboxResult> result_from_json(std::string_view text);

inline constexpr const char* kResultName = "result.json";

}  // namespace pipeline::sandbox
