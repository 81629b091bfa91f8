#include "pipelines/config/toml_guard.h"

#include <optional>
#include <string>

#include "pipelines/base/text.h"

namespace pipeline::config {

namespace {

struct Refusal {
  base::SourceSpan span;
  std::string message;
};

bool is_refused_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
}

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kEndsValue = "\n\r]},#";

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Refusal> scan() {
    while (position_ < text_.size()) {
      const char byte = text_[position_];
      if (is_refused_control(static_cast<unsigned char>(byte))) {
        return refuse("control character in the file");
      }
      if (byte == '\n') {
        new_line();
      } else if (auto refusal = step(byte)) {
        return refusal;
      }
    }
    return std::nullopt;
  }

 private:
  enum class State { plain, comment, basic, literal, long_basic, long_literal };

  std::optional<Refusal> step(char byte) {
    switch (state_) {
      case State::plain:
        return step_plain(byte);
      case State::comment:
        break;
      case State::basic:
      case State::long_basic:
        if (byte == '\\' && position_ + 1 < text_.size() && text_[position_ + 1] != '\n' &&
            !is_refused_control(static_cast<unsigned char>(text_[position_ + 1]))) {
          ++position_;
        } else {
          close_at('"');
        }
        break;
      case State::literal:
      case State::long_literal:
        close_at('\'');
        break;
    }
    ++position_;
    return std::nullopt;
  }

  std::optional<Refusal> step_plain(char byte) {
    if (static_cast<unsigned char>(byte) >= 0x80) {
      return refuse("a character outside quotes that TOML does not know; quote the key or value");
    }
    if (byte == '.' && ++dots_ > kMostDotsOutsideStrings) {
      return refuse("more than " + std::to_string(kMostDotsOutsideStrings) + " dots on one line");
    }
    if (byte == '=' && !has_value()) return refuse("TOML syntax: a key without a value");
    if (auto refusal = step_bracket(byte)) return refusal;
    if (byte == '#') state_ = State::comment;
    if (byte == '"') open(State::basic, State::long_basic, R"(""")");
    if (byte == '\'') open(State::literal, State::long_literal, "'''");
    ++position_;
    return std::nullopt;
  }

  std::optional<Refusal> step_bracket(char byte) {
    if (byte == '[' && open_.empty() && at_line_start() && !names_a_table()) {
      return refuse("TOML syntax: a table's header needs a name");
    }
    if (byte == '[' || byte == '{') {
      open_ += byte;
      if (open_.size() > kDeepestNesting) {
        return refuse("nested deeper than " + std::to_string(kDeepestNesting) + " brackets");
      }
    }
    if (byte == '}' && open_.ends_with('[')) {
      return refuse("TOML syntax: a '}' where a ']' is missing");
    }
    if ((byte == ']' || byte == '}') && !open_.empty()) open_.pop_back();
    return std::nullopt;
  }

  // What follows the '=' here. An end of the file is left to the library.
  bool has_value() const {
    const std::size_t at = text_.find_first_not_of(kBlank, position_ + 1);
    return at == std::string_view::npos || kEndsValue.find(text_[at]) == std::string_view::npos;
  }

  bool at_line_start() const {
    return base::trim(text_.substr(line_start_, position_ - line_start_)).empty();
  }

  // Whether the header that begins here goes on with what a key may begin with. Its end is left to
  // the library, which reports that well.
  bool names_a_table() const {
    std::size_t at = text_.find_first_not_of(kBlank, position_ + 1);
    if (at != std::string_view::npos && text_[at] == '[') {
      at = text_.find_first_not_of(kBlank, at + 1);
    }
    if (at == std::string_view::npos) return true;
    const char byte = text_[at];
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           std::string_view("_-\"']").find(byte) != std::string_view::npos;
  }

  void open(State one_line, State many_lines, std::string_view delimiter) {
    const bool is_long = text_.substr(position_, 3) == delimiter;
    state_ = is_long ? many_lines : one_line;
    if (is_long) position_ += 2;
  }

  // Leaves the string when its delimiter stands here. Up to two more quotes may precede the closing
  // three of a long string.
  void close_at(char quote) {
    if (text_[position_] != quote) return;
    if (state_ == State::basic || state_ == State::literal) {
      state_ = State::plain;
      return;
    }
    std::size_t run = 1;
    while (run < 5 && position_ + run < text_.size() && text_[position_ + run] == quote) ++run;
    if (run >= 3) state_ = State::plain;
    position_ += run - 1;
  }

  void new_line() {
    ++position_;
    ++line_;
    line_start_ = position_;
    dots_ = 0;
    if (state_ != State::long_basic && state_ != State::long_literal) state_ = State::plain;
  }

  Refusal refuse(std::string message) const {
    return {{line_, static_cast<std::uint32_t>(position_ - line_start_ + 1), 1},
            std::move(message)};
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  int dots_ = 0;
  std::string open_;  // brackets
  State state_ = State::plain;
};

// The place of the first byte that breaks UTF-8, found line by line.
base::SourceSpan invalid_line(std::string_view text) {
  base::SourceSpan span{1, 1, 1};
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (!base::is_valid_utf8(text.substr(0, end)) || end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++span.line;
  }
  return span;
}

}  // namespace

bool guard_toml(std::string_view text, Problems& problems) {
  if (text.size() > kLargestFile) {
    problems.error({}, "the file is larger than 1 MiB", "split it into several pipelines");
    return false;
  }
  if (!base::is_valid_utf8(text)) {
    problems.error(invalid_line(text), "the line is not valid UTF-8", "save the file as UTF-8");
    return false;
  }
  if (auto refusal = Scanner(text).scan()) {
    problems.error(refusal->span, std::move(refusal->message));
    return false;
  }
  return true;
}

}  // namespace pipeline::config
