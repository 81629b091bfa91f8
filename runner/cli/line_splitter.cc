#include "runner/cli/line_splitter.h"

#include <utility>

namespace pipeline::cli {

namespace {

// A line that never ends is handed out in parts of this size.
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;

}  // namespace

void LineSplitter::split(const log::Piece& piece, const Take& take) {
  std::string_view rest = piece.bytes;
  while (!rest.empty()) {
    const auto newline = rest.find('\n');
    if (partial_.text.empty()) partial_.at = piece.at;
    partial_.text += rest.substr(0, newline);
    if (newline == std::string_view::npos) break;
    take(std::exchange(partial_, {}));
    rest.remove_prefix(newline + 1);
  }
  if (partial_.text.size() > kLongestLine) finish(take);
}

void LineSplitter::finish(const Take& take) {
  if (!partial_.text.empty()) take(std::exchange(partial_, {}));
}

}  // namespace pipeline::cli
