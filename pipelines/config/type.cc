#include "pipelines/config/type.h"

#include <algorithm>

namespace pipeline::config {

bool report_wrong_type(const Node& node, std::string_view expects, Problems& problems) {
  problems.error(node.span,
                 "expected " + std::string(expects) + ", found " + std::string(node.kind_name()));
  return false;
}

std::optional<std::size_t> read_choice(const Node& node, const std::vector<std::string>& words,
                                       const std::vector<std::string>& later, Problems& problems) {
  const std::string* text = node.text();
  if (text == nullptr) {
    report_wrong_type(node, quoted_list(words, "or"), problems);
    return std::nullopt;
  }
  const auto found = std::ranges::find(words, *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const std::string word = text->substr(0, text->find(':'));  // "exec:deploy.sh" is an exec
  if (std::ranges::find(later, word) != later.end()) {
    problems.error(node.span, '"' + *text + "\" is not supported yet",
                   "this version knows " + quoted_list(words, "and"));
    return std::nullopt;
  }
  auto hint = problems.did_you_mean(*text, words);
  if (!hint) hint = "expected " + quoted_list(words, "or");
  problems.error(node.span, "unknown value \"" + *text + '"', std::move(hint));
  return std::nullopt;
}

}  // namespace pipeline::config
