// What repositories, agents and tokens may be called: names that stand in addresses and on command
// lines.
#pragma once

#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::store {

// Letters, digits, '.', '-' and '_', the first a letter or digit, at most 100, and no ".git" at the
// end, which addresses of repositories have. ErrorKind::invalid otherwise; `what` is "a
// repository".
base::Result<> check_name(std::string_view what, std::string_view name);

}  // namespace pipeline::store
