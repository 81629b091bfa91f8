// Path and name patterns, one meaning everywhere (inputs, artifacts, branches, tags, changed).
//
// `*` any run without '/', `**` any run of whole segments (also none), `?` one character but '/',
// `[a-z]` and `[!a-z]` (or `[^a-z]`) one of a set, never '/', `{a,b}` either, `\` quotes the next
// character. Matching is on bytes, anchored at both ends, without exponential backtracking: at most
// pattern × text steps. Immutable; safe for concurrent calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::base {

class Glob {
 public:
  // Refuses an unclosed set or brace, a `\` that quotes nothing or '/', an empty pattern, one
  // longer than 4 KiB, and more than 1,000 brace expansions.
  static Result<Glob> compile(std::string_view pattern);

  bool matches(std::string_view path) const;
  // Whether something below `directory` (no trailing slash) could match; false lets a walk skip the
  // directory.
  bool may_match_below(std::string_view directory) const;
  const std::string& pattern() const { return pattern_; }

 private:
  explicit Glob(std::string pattern) : pattern_(std::move(pattern)) {}
  std::string pattern_;
  std::vector<std::vector<std::string>> alternatives_;  // braces expanded, split at '/'
};

}  // namespace pipeline::base
