#include "pipelines/config/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "pipelines/base/text.h"

namespace pipeline::config {

void Problems::error(base::SourceSpan span, std::string message, Hint hint) {
  found_.push_back({Severity::error, span, std::move(message), std::move(hint)});
  ++errors_;
}

void Problems::warning(base::SourceSpan span, std::string message, Hint hint) {
  found_.push_back({Severity::warning, span, std::move(message), std::move(hint)});
}

void Problems::take_over(Problems&& of_file, std::uint32_t file) {
  for (Diagnostic& diagnostic : of_file.found_) {
    diagnostic.span.file = file;
    found_.push_back(std::move(diagnostic));
  }
  errors_ += of_file.errors_;
}

Problems::Hint Problems::did_you_mean(std::string_view word,
                                      const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestWord = 64;
  if (searches_left_ == 0 || word.size() > kLongestWord) return std::nullopt;
  --searches_left_;
  const auto near = base::nearest(word, candidates);
  if (!near) return std::nullopt;
  return "did you mean \"" + *near + "\"?";
}

std::vector<Diagnostic> Problems::take() && {
  std::ranges::stable_sort(found_, {}, [](const Diagnostic& diagnostic) {
    return std::tuple(diagnostic.span.file, diagnostic.span.line, diagnostic.span.column);
  });
  // A template that several stages extend is read as often.
  const auto again =
      std::unique(found_.begin(), found_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return a.span == b.span && a.message == b.message;
      });
  found_.erase(again, found_.end());
  return std::move(found_);
}

std::string quoted_list(const std::vector<std::string>& words, std::string_view conjunction) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " " + std::string(conjunction) + " " : ", ";
    text += '"' + words[i] + '"';
  }
  return text;
}

}  // namespace pipeline::config
