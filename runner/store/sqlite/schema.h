// The schema, as the list of steps that lead to it. A step is never changed once it was released:
// what comes later is a further step. PRAGMA user_version counts the steps that were taken.
#pragma once

#include <span>

namespace pipeline::store {

// Each one SQL script; step N takes user_version from N to N + 1.
std::span<const char* const> schema_steps();

}  // namespace pipeline::store
