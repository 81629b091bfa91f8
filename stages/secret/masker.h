// Replaces secrets in a stream of bytes by "***", wherever a chunk ends.
//
// A byte is masked when any form of any secret covers it (forms.h); what is adjacent becomes one
// "***". Held back is never more than the longest form, and only what may still turn out to be the
// beginning of one. Without secrets, write() hands its argument on untouched. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::secret {

inline constexpr std::string_view kMask = "***";

class Masker {
 public:
  using Sink = std::function<void(std::string_view)>;

  explicit Masker(const std::vector<std::string>& secrets);

  bool has_nothing_to_hide() const { return states_.empty(); }

  // Calls the sink with what is certain now; the views are valid during the call only.
  void write(std::string_view bytes, const Sink& sink);
  // The end of the stream, or of a part of it that no secret crosses.
  void flush(const Sink& sink);

 private:
  // A trie with failure links (Aho and Corasick, 1975). Edges of a state lie together, sorted by
  // byte.
  struct State {
    std::uint32_t fail = 0;
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;  // length of the longest form that ends here, 0: none
    std::uint32_t first_edge = 0;
    std::uint32_t edges = 0;
  };
  struct Edge {
    std::uint8_t byte = 0;
    std::uint32_t target = 0;
  };
  class Builder;

  std::uint32_t step(std::uint32_t state, std::uint8_t byte) const;
  std::uint32_t edge(std::uint32_t state, std::uint8_t byte) const;
  std::size_t skip(std::string_view bytes, std::size_t from) const;
  void emit(std::size_t count, const Sink& sink);

  std::vector<State> states_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> root_;  // target by byte, 0: none

  std::uint32_t state_ = 0;
  std::string held_;        // not handed out yet
  std::vector<bool> hide_;  // which bytes of held_ a match covers
  bool in_mask_ = false;    // the last byte handed out was hidden
};

}  // namespace pipeline::secret
