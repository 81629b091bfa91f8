// Who needs whom among the stages of a pipeline, resolved from names to indices once. Pure; shared
// by validation (cycles, artifact flow) and planning, so that both mean the same graph.
//
// Linear in stages + needs, but for StageClosure, which costs one bit per pair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipelines/model/pipeline.h"

namespace pipeline::model {

struct StageEdge {
  std::size_t stage = 0;  // index in Pipeline::stages of what is needed
  bool optional = false;
  base::SourceSpan span;  // of the name in `needs`; line 0 when the need is the stage above
};

class StageGraph {
 public:
  // A stage without `needs` needs the stage above it; needs of unknown stages are left out (the
  // reader reports them). The graph refers to names of `pipeline`, which must outlive it.
  explicit StageGraph(const Pipeline& pipeline);

  std::size_t size() const { return needs_.size(); }
  const std::vector<StageEdge>& needs(std::size_t stage) const { return needs_[stage]; }
  // The first stage of that name.
  std::optional<std::size_t> find(std::string_view name) const;

  // Cycles, each as its stages: every one needs the next and the last needs the first. Two cycles
  // that share a stage may be told as one; empty only when there is none. At most a dozen or so.
  std::vector<std::vector<std::size_t>> cycles() const;
  // Every stage after all it needs, otherwise in file order. REQUIRES: no cycle.
  std::vector<std::size_t> order() const;
  // How many needs deep a stage lies: 0 starts at once. REQUIRES: no cycle.
  std::vector<std::size_t> levels() const;

 private:
  std::vector<std::vector<StageEdge>> needs_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

// For every stage, which of the chosen stages it needs, directly or not. REQUIRES: no cycle.
class StageClosure {
 public:
  // `chosen`: the stages one will ask about, in ascending order.
  StageClosure(const StageGraph& graph, std::vector<std::size_t> chosen);

  // The chosen stages in the closure of `stage`'s needs, ascending; never `stage` itself.
  std::vector<std::size_t> of(std::size_t stage) const;
  bool contains(std::size_t stage, std::size_t needed) const;

 private:
  std::vector<std::size_t> chosen_;
  std::vector<std::vector<std::uint64_t>> closure_;  // [stage], one bit per entry of chosen_
};

}  // namespace pipeline::model
