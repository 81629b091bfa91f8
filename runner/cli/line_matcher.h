// Whether a line matches a regular expression. The syntax is RE2's, which runs in time linear in
// the line whatever the expression is: https://github.com/google/re2/wiki/Syntax. The library is
// seen by this unit alone. Immutable; safe for concurrent calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace re2 {
class RE2;
}

namespace pipeline::cli {

enum class LetterCase { counts, ignored };

class LineMatcher {
 public:
  // ErrorKind::invalid for what is no expression: the message says what is wrong and where.
  static base::Result<LineMatcher> compile(const std::string& expression, LetterCase letter_case);

  LineMatcher(LineMatcher&& other) noexcept;
  LineMatcher& operator=(LineMatcher&& other) noexcept;
  LineMatcher(const LineMatcher&) = delete;
  LineMatcher& operator=(const LineMatcher&) = delete;
  ~LineMatcher();

  // Of a line without its end, as a person sees it: escape sequences and a carriage return at the
  // end do not count.
  bool matches(std::string_view line) const;

 private:
  explicit LineMatcher(std::unique_ptr<re2::RE2> expression);
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace pipeline::cli
