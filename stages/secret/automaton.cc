#include "stages/secret/automaton.h"

#include <algorithm>

#include "stages/secret/forms.h"

namespace pipeline::secret {

// The trie while it grows, its children in lists sorted by byte: nearly all have one. Flattened by
// finish().
class Automaton::Builder {
 public:
  void add(const std::string& form, std::uint32_t secret) {
    State at = kStart;
    for (const char c : form) at = child(at, static_cast<std::uint8_t>(c));
    nodes_[at].longest = static_cast<std::uint32_t>(form.size());
    if (nodes_[at].secret == kNoSecret) nodes_[at].secret = secret;
  }

  void finish(Automaton& automaton) {
    link();
    automaton.nodes_.reserve(nodes_.size());
    automaton.edges_.reserve(nodes_.size());
    for (const Growing& node : nodes_) {
      const std::size_t first_edge = automaton.edges_.size();
      for (State next = node.first_child; next != 0; next = nodes_[next].sibling) {
        automaton.edges_.push_back({.byte = nodes_[next].byte, .target = next});
      }
      automaton.nodes_.push_back(
          {.fail = node.fail,
           .depth = node.depth,
           .longest = node.longest,
           .secret = node.secret,
           .first_edge = static_cast<std::uint32_t>(first_edge),
           .edges = static_cast<std::uint32_t>(automaton.edges_.size() - first_edge)});
    }
    automaton.root_.assign(256, 0);
    for (State next = nodes_[kStart].first_child; next != 0; next = nodes_[next].sibling) {
      automaton.root_[nodes_[next].byte] = next;
    }
  }

 private:
  struct Growing {
    State fail = 0;
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;
    std::uint32_t secret = kNoSecret;
    State first_child = 0;
    State sibling = 0;
    std::uint8_t byte = 0;
  };

  State child(State parent, std::uint8_t byte) {
    State before = 0;
    State next = nodes_[parent].first_child;
    while (next != 0 && nodes_[next].byte < byte) {
      before = next;
      next = nodes_[next].sibling;
    }
    if (next != 0 && nodes_[next].byte == byte) return next;
    const auto made = static_cast<State>(nodes_.size());
    nodes_.push_back({.depth = nodes_[parent].depth + 1, .sibling = next, .byte = byte});
    (before == 0 ? nodes_[parent].first_child : nodes_[before].sibling) = made;
    return made;
  }

  // Breadth first, so that a state's failure link is complete before it is used.
  void link() {
    std::vector<State> queue{kStart};
    queue.reserve(nodes_.size());
    for (std::size_t head = 0; head < queue.size(); ++head) {
      const State parent = queue[head];
      for (State next = nodes_[parent].first_child; next != 0; next = nodes_[next].sibling) {
        queue.push_back(next);
        Growing& node = nodes_[next];
        node.fail = parent == kStart ? kStart : follow(nodes_[parent].fail, node.byte);
        node.longest = std::max(node.longest, nodes_[node.fail].longest);
      }
    }
  }

  State follow(State state, std::uint8_t byte) const {
    for (;;) {
      State next = nodes_[state].first_child;
      while (next != 0 && nodes_[next].byte < byte) next = nodes_[next].sibling;
      if (next != 0 && nodes_[next].byte == byte) return next;
      if (state == kStart) return kStart;
      state = nodes_[state].fail;
    }
  }

  std::vector<Growing> nodes_ = std::vector<Growing>(1);
};

Automaton::Automaton(const std::vector<std::string>& secrets) {
  Builder builder;
  bool any = false;
  for (std::size_t secret = 0; secret < secrets.size(); ++secret) {
    for (const std::string& form : forms_of(secrets[secret])) {
      builder.add(form, static_cast<std::uint32_t>(secret));
      any = true;
    }
  }
  if (any) builder.finish(*this);
}

Automaton::State Automaton::edge(State state, std::uint8_t byte) const {
  if (state == kStart) return root_[byte];
  const auto first = edges_.begin() + nodes_[state].first_edge;
  const auto last = first + nodes_[state].edges;
  const auto found = std::lower_bound(
      first, last, byte, [](const Edge& candidate, std::uint8_t b) { return candidate.byte < b; });
  return found != last && found->byte == byte ? found->target : 0;
}

Automaton::State Automaton::step(State state, std::uint8_t byte) const {
  for (;;) {
    if (const State next = edge(state, byte); next != 0) return next;
    if (state == kStart) return kStart;
    state = nodes_[state].fail;
  }
}

std::size_t Automaton::skip(std::string_view bytes, std::size_t from) const {
  while (from < bytes.size() && root_[static_cast<std::uint8_t>(bytes[from])] == 0) ++from;
  return from;
}

}  // namespace pipeline::secret
