// Collects what is wrong while a file is read, so that everything is reported at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/config/diagnostic.h"

namespace pipeline::config {

class Problems {
 public:
  using Hint = std::optional<std::string>;

  void error(base::SourceSpan span, std::string message, Hint hint = {});
  void warning(base::SourceSpan span, std::string message, Hint hint = {});
  // What was found in another file, which the places are then said to be in.
  void take_over(Problems&& of_file, std::uint32_t file);
  bool has_errors() const { return errors_ > 0; }

  // `did you mean "…"?`, when something is near. Gives up after some hundred calls, so that a
  // hostile file of typos stays linear.
  Hint did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

  // In file order, each once.
  std::vector<Diagnostic> take() &&;

 private:
  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;
  std::size_t searches_left_ = 300;
};

// "a" · "a" and "b" · "a", "b" and "c": quoted, for messages.
std::string quoted_list(const std::vector<std::string>& words, std::string_view conjunction);

}  // namespace pipeline::config
