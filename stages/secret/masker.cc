#include "stages/secret/masker.h"

#include <map>

#include "stages/secret/forms.h"

namespace pipeline::secret {

// The trie while it grows; flattened by finish().
class Masker::Builder {
 public:
  void add(const std::string& form) {
    std::uint32_t at = 0;
    for (const char c : form) {
      const auto [child, is_new] = nodes_[at].children.try_emplace(
          static_cast<std::uint8_t>(c), static_cast<std::uint32_t>(nodes_.size()));
      const std::uint32_t next = child->second;
      if (is_new) nodes_.push_back({.depth = nodes_[at].depth + 1});
      at = next;
    }
    nodes_[at].longest = static_cast<std::uint32_t>(form.size());
  }

  void finish(Masker& masker) {
    link();
    for (const Node& node : nodes_) {
      masker.states_.push_back({.fail = node.fail,
                                .depth = node.depth,
                                .longest = node.longest,
                                .first_edge = static_cast<std::uint32_t>(masker.edges_.size()),
                                .edges = static_cast<std::uint32_t>(node.children.size())});
      for (const auto& [byte, target] : node.children) {
        masker.edges_.push_back({.byte = byte, .target = target});
      }
    }
    masker.root_.assign(256, 0);
    for (const auto& [byte, target] : nodes_[0].children) masker.root_[byte] = target;
  }

 private:
  struct Node {
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;
    std::uint32_t fail = 0;
    std::map<std::uint8_t, std::uint32_t> children{};
  };

  // Breadth first, so that a state's failure link is complete before it is used.
  void link() {
    std::vector<std::uint32_t> queue{0};
    for (std::size_t head = 0; head < queue.size(); ++head) {
      const std::uint32_t parent = queue[head];
      for (const auto& [byte, child] : nodes_[parent].children) {
        queue.push_back(child);
        nodes_[child].fail = parent == 0 ? 0 : follow(nodes_[parent].fail, byte);
        Node& node = nodes_[child];
        node.longest = std::max(node.longest, nodes_[node.fail].longest);
      }
    }
  }

  std::uint32_t follow(std::uint32_t state, std::uint8_t byte) const {
    for (;;) {
      const auto& children = nodes_[state].children;
      if (const auto child = children.find(byte); child != children.end()) return child->second;
      if (state == 0) return 0;
      state = nodes_[state].fail;
    }
  }

  std::vector<Node> nodes_ = std::vector<Node>(1);
};

Masker::Masker(const std::vector<std::string>& secrets) {
  Builder builder;
  bool any = false;
  for (const std::string& secret : secrets) {
    for (const std::string& form : forms_of(secret)) {
      builder.add(form);
      any = true;
    }
  }
  if (any) builder.finish(*this);
}

std::uint32_t Masker::edge(std::uint32_t state, std::uint8_t byte) const {
  if (state == 0) return root_[byte];
  const auto first = edges_.begin() + states_[state].first_edge;
  const auto last = first + states_[state].edges;
  const auto found = std::lower_bound(
      first, last, byte, [](const Edge& candidate, std::uint8_t b) { return candidate.byte < b; });
  return found != last && found->byte == byte ? found->target : 0;
}

std::uint32_t Masker::step(std::uint32_t state, std::uint8_t byte) const {
  for (;;) {
    if (const std::uint32_t next = edge(state, byte); next != 0) return next;
    if (state == 0) return 0;
    state = states_[state].fail;
  }
}

std::size_t Masker::skip(std::string_view bytes, std::size_t from) const {
  while (from < bytes.size() && root_[static_cast<std::uint8_t>(bytes[from])] == 0) ++from;
  return from;
}

void Masker::write(std::string_view bytes, const Sink& sink) {
  if (states_.empty()) {
    if (!bytes.empty()) sink(bytes);
    return;
  }
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (state_ == 0 && held_.empty()) {
      // Most output is far from any secret: hand it on without copying.
      const std::size_t plain = skip(bytes, at);
      if (plain > at) {
        sink(bytes.substr(at, plain - at));
        in_mask_ = false;
        at = plain;
        continue;
      }
    }
    const char c = bytes[at++];
    state_ = step(state_, static_cast<std::uint8_t>(c));
    held_ += c;
    hide_.push_back(false);
    const State& state = states_[state_];
    std::fill_n(hide_.rbegin(), std::min<std::size_t>(state.longest, hide_.size()), true);
    // What lies before the state's own bytes can no longer begin a match.
    if (held_.size() > state.depth) emit(held_.size() - state.depth, sink);
  }
}

void Masker::flush(const Sink& sink) {
  emit(held_.size(), sink);
  state_ = 0;
  in_mask_ = false;
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
