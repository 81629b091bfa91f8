// The last step before an instance's shell runs: what must happen in the child itself, after it was
// executed and before it becomes somebody else's program.
#pragma once

#include <string>
#include <vector>

#include "stages/deploy/process/order.h"

namespace pipeline::deploy::process {

// The arguments that make this program run `become`.
std::vector<std::string> become_arguments(const Order& order);

// Takes on the order's user, gives up every way to gain privileges, ties its life to its parent's,
// and executes the shell. Returns only when that failed, with the exit status.
int become(int argc, char** argv);

}  // namespace pipeline::deploy::process
