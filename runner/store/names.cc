#include "runner/store/names.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::store {

namespace {

constexpr std::size_t kLongestName = 100;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

base::Result<> check_name(std::string_view what, std::string_view name) {
  const bool is_good =
      !name.empty() && name.size() <= kLongestName && is_word(name.front()) &&
      std::ranges::all_of(name,
                          [](char c) { return is_word(c) || c == '.' || c == '-' || c == '_'; }) &&
      !name.ends_with(".git");
  if (is_good) return {};
  return base::fail(
      base::Error(base::ErrorKind::invalid,
                  "\"" + base::printable(name) + "\" cannot be the name of " + std::string(what))
          .hint("use letters, digits, '.', '-' and '_', at most 100, and no .git at the end"));
}

}  // namespace pipeline::store
