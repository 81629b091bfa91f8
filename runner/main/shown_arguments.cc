#include "runner/main/shown_arguments.h"

#include <algorithm>
#include <cstring>

namespace pipeline {

ShownArguments::ShownArguments(int count, char** arguments) {
  if (count < 2) return;
  begin_ = arguments[1];
  const char* const last = arguments[count - 1];
  size_ = static_cast<std::size_t>(last - begin_) + std::strlen(last) + 1;
}

void ShownArguments::replace(const std::vector<std::string>& words) {
  if (size_ == 0) return;
  std::string text;
  for (const std::string& word : words) text += word + '\0';
  text.resize(size_, '\0');
  // A kernel that finds no zero here reads on into the environment.
  text.back() = '\0';
  std::ranges::copy(text, begin_);
}

}  // namespace pipeline
