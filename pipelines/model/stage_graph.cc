#include "pipelines/model/stage_graph.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <queue>
#include <utility>

namespace pipeline::model {

StageGraph::StageGraph(const Pipeline& pipeline) : needs_(pipeline.stages.size()) {
  by_name_.reserve(pipeline.stages.size());
  for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
    by_name_.emplace(pipeline.stages[i].name, i);
  }
  for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
    const auto& needs = pipeline.stages[i].needs;
    if (!needs) {
      if (i > 0) needs_[i].push_back({i - 1, false, {}});
      continue;
    }
    for (const Need& need : *needs) {
      if (const auto found = find(need.stage)) {
        needs_[i].push_back({*found, need.optional, need.span});
      }
    }
  }
}

std::optional<std::size_t> StageGraph::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

namespace {

// Depth-first search with its own stack: a chain of thousands of stages must not overflow the real
// one.
class CycleSearch {
 public:
  explicit CycleSearch(const StageGraph& graph) : graph_(graph), seen_(graph.size(), Seen::no) {}

  std::vector<std::vector<std::size_t>> run() {
    for (std::size_t i = 0; i < graph_.size() && found_.size() < kMostCycles; ++i) {
      if (seen_[i] == Seen::no) search_from(i);
    }
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kMostCycles = 12;
  enum class Seen { no, on_path, done, told };
  struct Step {
    std::size_t stage;
    std::size_t next_need;
  };

  void search_from(std::size_t start) {
    push(start);
    while (!path_.empty() && found_.size() < kMostCycles) {
      Step& step = path_.back();
      const auto& needs = graph_.needs(step.stage);
      if (step.next_need == needs.size()) {
        if (seen_[step.stage] == Seen::on_path) seen_[step.stage] = Seen::done;
        path_.pop_back();
        continue;
      }
      const std::size_t needed = needs[step.next_need++].stage;
      if (seen_[needed] == Seen::no) {
        push(needed);
      } else if (seen_[needed] == Seen::on_path && seen_[step.stage] == Seen::on_path) {
        tell(needed);
      }
    }
  }

  void push(std::size_t stage) {
    seen_[stage] = Seen::on_path;
    path_.push_back({stage, 0});
  }

  void tell(std::size_t first) {
    const auto begin = std::ranges::find(path_, first, &Step::stage);
    std::vector<std::size_t> cycle;
    for (auto step = begin; step != path_.end(); ++step) {
      cycle.push_back(step->stage);
      seen_[step->stage] = Seen::told;
    }
    found_.push_back(std::move(cycle));
  }

  const StageGraph& graph_;
  std::vector<Seen> seen_;
  std::vector<Step> path_;
  std::vector<std::vector<std::size_t>> found_;
};

}  // namespace

std::vector<std::vector<std::size_t>> StageGraph::cycles() const {
  return CycleSearch(*this).run();
}

std::vector<std::size_t> StageGraph::order() const {
  std::vector<std::size_t> open(size());
  std::vector<std::vector<std::size_t>> needed_by(size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < size(); ++i) {
    open[i] = needs_[i].size();
    for (const StageEdge& edge : needs_[i]) needed_by[edge.stage].push_back(i);
    if (open[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  order.reserve(size());
  while (!ready.empty()) {
    const std::size_t stage = ready.top();
    ready.pop();
    order.push_back(stage);
    for (const std::size_t next : needed_by[stage]) {
      if (--open[next] == 0) ready.push(next);
    }
  }
  return order;
}

std::vector<std::size_t> StageGraph::levels() const {
  std::vector<std::size_t> levels(size(), 0);
  for (const std::size_t stage : order()) {
    for (const StageEdge& edge : needs_[stage]) {
      levels[stage] = std::max(levels[stage], levels[edge.stage] + 1);
    }
  }
  return levels;
}

namespace {

constexpr std::size_t kBits = 64;  // of a word

}  // namespace

StageClosure::StageClosure(const StageGraph& graph, std::vector<std::size_t> chosen)
    : chosen_(std::move(chosen)), closure_(graph.size()) {
  std::vector<std::size_t> column(graph.size(), chosen_.size());
  for (std::size_t i = 0; i < chosen_.size(); ++i) column[chosen_[i]] = i;
  const std::size_t words = (chosen_.size() + kBits - 1) / kBits;
  for (const std::size_t stage : graph.order()) {
    auto& row = closure_[stage];
    row.assign(words, 0);
    for (const StageEdge& edge : graph.needs(stage)) {
      const auto& needed = closure_[edge.stage];
      for (std::size_t word = 0; word < words; ++word) row[word] |= needed[word];
      const std::size_t bit = column[edge.stage];
      if (bit < chosen_.size()) row[bit / kBits] |= std::uint64_t{1} << (bit % kBits);
    }
  }
}

std::vector<std::size_t> StageClosure::of(std::size_t stage) const {
  std::vector<std::size_t> result;
  const auto& row = closure_[stage];
  for (std::size_t word = 0; word < row.size(); ++word) {
    for (std::uint64_t bits = row[word]; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
      result.push_back(chosen_[word * kBits + bit]);
    }
  }
  return result;
}

bool StageClosure::contains(std::size_t stage, std::size_t needed) const {
  const auto found = std::ranges::lower_bound(chosen_, needed);
  if (found == chosen_.end() || *found != needed) return false;
  const auto bit = static_cast<std::size_t>(found - chosen_.begin());
  return ((closure_[stage][bit / kBits] >> (bit % kBits)) & 1U) != 0;
}

}  // namespace pipeline::model
