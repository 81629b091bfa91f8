// Finds every form of every secret in a stream of bytes, in one pass: a trie with failure links
// (Aho and Corasick, "Efficient string matching", 1975). What the masker and the detector share.
// Immutable once made; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::secret {

class Automaton {
 public:
  using State = std::uint32_t;
  static constexpr State kStart = 0;

  explicit Automaton(const std::vector<std::string>& secrets);

  bool empty() const { return nodes_.empty(); }
  State step(State state, std::uint8_t byte) const;
  // How many of the last bytes may still become a form.
  std::uint32_t depth(State state) const { return nodes_[state].depth; }
  // The length of the longest form that ends here; 0: none.
  std::uint32_t match(State state) const { return nodes_[state].longest; }
  // Calls `found` with the index of a secret for every form that ends here. A form that several
  // secrets have counts for the first.
  template <class Found>
  void secrets_at(State state, const Found& found) const {
    for (; nodes_[state].longest != 0; state = nodes_[state].fail) {
      if (nodes_[state].secret != kNoSecret) found(nodes_[state].secret);
    }
  }
  // The first byte from `from` on that begins a form; bytes.size() when there is none.
  std::size_t skip(std::string_view bytes, std::size_t from) const;

 private:
  static constexpr std::uint32_t kNoSecret = ~std::uint32_t{0};

  // Edges of a node lie together, sorted by byte.
  struct Node {
    State fail = 0;
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;
    std::uint32_t secret = kNoSecret;  // whose form this node ends
    std::uint32_t first_edge = 0;
    std::uint32_t edges = 0;
  };
  struct Edge {
    std::uint8_t byte = 0;
    State target = 0;
  };
  class Builder;

  State edge(State state, std::uint8_t byte) const;

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<State> root_;  // target by byte, 0: none
};

}  // namespace pipeline::secret
