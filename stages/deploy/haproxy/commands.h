// What to tell a running HAProxy so that it does what it should. Pure.
#pragma once

#include <string>
#include <vector>

#include "stages/deploy/haproxy/placement.h"
#include "stages/deploy/haproxy/runtime.h"

namespace pipeline::deploy::haproxy {

// In this order, so that every request finds a ready server at any moment between two commands:
// what comes into traffic, then the share, then what leaves. Nothing that is as it should be is
// touched.
std::vector<std::string> commands(const Placement& wanted, const ServerStates& now,
                                  std::uint32_t share_now);

}  // namespace pipeline::deploy::haproxy
