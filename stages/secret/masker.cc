#include "stages/secret/masker.h"

#include <algorithm>
#include <cstdint>

namespace pipeline::secret {

void Masker::write(std::string_view bytes, const Sink& sink) {
  if (automaton_.empty()) {
    if (!bytes.empty()) sink(bytes);
    return;
  }
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (state_ == Automaton::kStart && held_.empty()) {
      // Most output is far from any secret: hand it on without copying.
      const std::size_t plain = automaton_.skip(bytes, at);
      if (plain > at) {
        sink(bytes.substr(at, plain - at));
        in_mask_ = false;
        at = plain;
        continue;
      }
    }
    const char c = bytes[at++];
    state_ = automaton_.step(state_, static_cast<std::uint8_t>(c));
    held_ += c;
    hide_.push_back(false);
    std::fill_n(hide_.rbegin(), std::min<std::size_t>(automaton_.match(state_), hide_.size()),
                true);
    // What lies before the state's own bytes can no longer begin a match.
    const std::size_t depth = automaton_.depth(state_);
    if (held_.size() > depth) emit(held_.size() - depth, sink);
  }
}

void Masker::flush(const Sink& sink) {
  emit(held_.size(), sink);
  state_ = Automaton::kStart;
  in_mask_ = false;
}

std::string Masker::mask(std::string_view text) {
  std::string masked;
  const auto sink = [&masked](std::string_view bytes) { masked += bytes; };
  write(text, sink);
  flush(sink);
  return masked;
}

void Masker::emit(std::size_t count, const Sink& sink) {
  for (std::size_t at = 0; at < count;) {
    const bool hidden = hide_[at];
    std::size_t end = at;
    while (end < count && hide_[end] == hidden) ++end;
    if (!hidden) {
      sink(std::string_view(held_).substr(at, end - at));
    } else if (!in_mask_) {
      sink(kMask);
    }
    in_mask_ = hidden;
    at = end;
  }
  held_.erase(0, count);
  hide_.erase(hide_.begin(), hide_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace pipeline::secret
