// What the language has and this version does not: told apart from a typo. The one list; a key or
// word that becomes supported is declared in its table and struck out here (a test refuses both).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::config {

// `table` is the name a Table was declared with.
bool is_later_key(std::string_view table, std::string_view key);
const std::vector<std::string>& later_keys(std::string_view table);

// Values of `kind`, `target` and the like.
const std::vector<std::string>& later_targets();
const std::vector<std::string>& later_strategies();
const std::vector<std::string>& later_gates();

}  // namespace pipeline::config
