// For tests that run jobs in sandboxes: where there can be none (inside another sandbox, above all)
// they skip and say why.
#pragma once

#include <optional>
#include <string>

namespace pipeline::support {

// What this machine lacks, for GTEST_SKIP. Only what a kernel or a container refuses counts: a
// helper program that was not built is a failure.
std::optional<std::string> missing_for_isolation();

}  // namespace pipeline::support
