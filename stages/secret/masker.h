// Replaces secrets in a stream of bytes by "***", wherever a chunk ends.
//
// A byte is masked when any form of any secret covers it (forms.h); what is adjacent becomes one
// "***". Held back is never more than the longest form, and only what may still turn out to be the
// beginning of one. Without secrets, write() hands its argument on untouched. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/secret/automaton.h"

namespace pipeline::secret {

inline constexpr std::string_view kMask = "***";

class Masker {
 public:
  using Sink = std::function<void(std::string_view)>;

  explicit Masker(const std::vector<std::string>& secrets) : automaton_(secrets) {}

  bool has_nothing_to_hide() const { return automaton_.empty(); }

  // Calls the sink with what is certain now; the views are valid during the call only.
  void write(std::string_view bytes, const Sink& sink);
  // The end of the stream, or of a part of it that no secret crosses.
  void flush(const Sink& sink);

  // A whole text by itself. REQUIRES: nothing was written since the last flush.
  std::string mask(std::string_view text);

 private:
  void emit(std::size_t count, const Sink& sink);

  Automaton automaton_;
  Automaton::State state_ = Automaton::kStart;
  std::string held_;        // not handed out yet
  std::vector<bool> hide_;  // which bytes of held_ a match covers
  bool in_mask_ = false;    // the last byte handed out was hidden
};

}  // namespace pipeline::secret
