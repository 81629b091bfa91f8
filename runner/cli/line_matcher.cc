#include "runner/cli/line_matcher.h"

#include <re2/re2.h>

#include "pipelines/base/text.h"

namespace pipeline::cli {

namespace {

// The library names the part that is wrong; where that stands is found again. The part may be the
// rest of the expression, or all of it.
base::Error wrong_expression(const std::string& expression, const re2::RE2& compiled) {
  const std::string& part = compiled.error_arg();
  std::string cause = compiled.error();
  if (const auto colon = cause.rfind(": " + part); colon != std::string::npos && !part.empty()) {
    cause.resize(colon);
  }
  const auto at = part.empty() ? std::string::npos : expression.find(part);
  const std::size_t place = at == std::string::npos ? 0 : at;
  std::string message = "--grep: " + cause + ", at character " +
                        std::to_string(base::display_width(expression.substr(0, place)) + 1) +
                        " of \"" + expression + "\"";
  return base::Error(base::ErrorKind::invalid, std::move(message))
      .hint("a backslash before one of . * + ? ( ) [ ] { } | ^ $ \\ takes it as it is");
}

// Nothing of it can change what is seen: the common case by far.
bool is_plain(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

base::Result<LineMatcher> LineMatcher::compile(const std::string& expression,
                                               LetterCase letter_case) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(letter_case == LetterCase::counts);
  auto compiled = std::make_unique<re2::RE2>(expression, options);
  if (!compiled->ok()) return base::fail(wrong_expression(expression, *compiled));
  return LineMatcher(std::move(compiled));
}

LineMatcher::LineMatcher(std::unique_ptr<re2::RE2> expression)
    : expression_(std::move(expression)) {}
LineMatcher::LineMatcher(LineMatcher&& other) noexcept = default;
LineMatcher& LineMatcher::operator=(LineMatcher&& other) noexcept = default;
LineMatcher::~LineMatcher() = default;

bool LineMatcher::matches(std::string_view line) const {
  const auto finds = [this](std::string_view text) {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
  };
  if (is_plain(line)) return finds(line);
  return finds(base::printable(line));
}

}  // namespace pipeline::cli
