// What a masker must do, written down without any cleverness: every occurrence of every form is
// looked for by itself, in the whole text. The unit tests and the fuzz target hold the masker to
// it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "stages/secret/forms.h"
#include "stages/secret/masker.h"

namespace pipeline::support {

inline std::string masked_naively(std::string_view text, const std::vector<std::string>& secrets) {
  std::vector<bool> hidden(text.size(), false);
  for (const auto& one : secrets) {
    for (const auto& form : secret::forms_of(one)) {
      for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at + 1)) {
        std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), form.size(), true);
      }
    }
  }
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) result += text[i];
    if (hidden[i] && (i == 0 || !hidden[i - 1])) result += secret::kMask;
  }
  return result;
}

// What comes out of a masker (a fresh or a flushed one) that gets the text cut at these places.
inline std::string masked_in_parts(secret::Masker& masker, std::string_view text,
                                   const std::vector<std::size_t>& cuts) {
  std::string result;
  const auto sink = [&result](std::string_view bytes) { result += bytes; };
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    masker.write(text.substr(from, cut - from), sink);
    from = cut;
  }
  masker.write(text.substr(from), sink);
  masker.flush(sink);
  return result;
}

}  // namespace pipeline::support
