// Unpredictable bytes.
#pragma once

#include <cstddef>
#include <string>

namespace pipeline::host {

// From the kernel, fit for secrets. Never fails: the kernel waits until it has some.
std::string random_bytes(std::size_t count);

}  // namespace pipeline::host
