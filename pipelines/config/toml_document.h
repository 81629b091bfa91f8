// TOML text to Node. The only unit that includes the TOML library.
#pragma once

#include <optional>
#include <string_view>

#include "pipelines/config/node.h"
#include "pipelines/config/problems.h"

namespace pipeline::config {

// The root table; none when the text is refused (guard) or has a syntax error, which is reported.
// Columns are bytes. A byte order mark is skipped and not counted.
std::optional<Node> parse_toml(std::string_view text, Problems& problems);

// The text without a byte order mark.
std::string_view without_byte_order_mark(std::string_view text);

}  // namespace pipeline::config
