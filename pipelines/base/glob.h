// Path and name patterns, one meaning everywhere (inputs, artifacts, branches, tags, changed).
//
// `*` any run without '/', `**` any run of whole segments (also none), `?` one character but '/',
// `[a-z]` and `[!a-z]` one of a set, `{a,b}` either, `\` quotes the next character. Matching is on
// bytes, anchored at both ends, linear in the text's length for a given pattern (no exponential
// backtracking).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::base {

class Glob {
 public:
  // Refuses an unclosed set or brace, an empty pattern, one longer than 4 KiB, and more than 1,000
  // brace expansions.
  static Result<Glob> compile(std::string_view pattern);

  bool matches(std::string_view path) const;
  // Whether something below `directory` (no trailing slash) could match; false lets a walk skip the
  // directory.
  bool may_match_below(std::string_view directory) const;
  const std::string& pattern() const { return pattern_; }

 private:
  explicit Glob(std::string pattern) : pattern_(std::move(pattern)) {}
  std::string pattern_;
  std::vector<std::string> alternatives_;  // braces expanded
};

}  // namespace pipeline::base
