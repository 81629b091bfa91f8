// Names and needs.
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "pipelines/config/rules.h"
#include "pipelines/model/stage_graph.h"

namespace pipeline::config {

namespace {

using model::Stage;
using model::StageGraph;

void check_names(const Draft& draft, Problems& problems) {
  std::unordered_map<std::string_view, const Stage*> seen;
  for (const Stage& stage : draft.pipeline.stages) {
    if (stage.name.empty()) continue;
    const auto [first, is_new] = seen.emplace(stage.name, &stage);
    if (is_new) continue;
    problems.error(stage.span, "there are two stages named \"" + stage.name + '"',
                   "the first is in line " + std::to_string(first->second->span.line));
  }
}

std::vector<std::string> stage_names(const Draft& draft) {
  std::vector<std::string> names;
  names.reserve(draft.pipeline.stages.size());
  for (const Stage& stage : draft.pipeline.stages) names.push_back(stage.name);
  return names;
}

void check_needs(const Draft& draft, const StageGraph& graph, Problems& problems) {
  std::vector<std::string> names;  // made when the first hint is needed
  for (const Stage& stage : draft.pipeline.stages) {
    if (!stage.needs) continue;
    std::unordered_set<std::string_view> seen;
    for (const model::Need& need : *stage.needs) {
      if (!seen.insert(need.stage).second) {
        problems.error(need.span, '"' + need.stage + "\" is needed twice");
      } else if (!graph.find(need.stage)) {
        if (names.empty()) names = stage_names(draft);
        problems.error(need.span, "there is no stage named \"" + need.stage + '"',
                       problems.did_you_mean(need.stage, names));
      }
    }
  }
}

void report_cycle(const Draft& draft, const StageGraph& graph,
                  const std::vector<std::size_t>& cycle, Problems& problems) {
  const auto& stages = draft.pipeline.stages;
  if (cycle.size() == 1) {
    problems.error(graph.needs(cycle.front()).front().span,
                   '"' + stages[cycle.front()].name + "\" needs itself");
    return;
  }
  constexpr std::size_t kMostNamed = 12;
  std::string path;
  for (std::size_t i = 0; i < cycle.size() && i < kMostNamed; ++i) {
    path += stages[cycle[i]].name + " → ";
  }
  if (cycle.size() > kMostNamed) path += "… → ";
  path += stages[cycle.front()].name;
  base::SourceSpan span = stages[cycle.front()].span;
  for (const auto& edge : graph.needs(cycle.front())) {
    if (edge.stage == cycle[1] && edge.span.line > 0) span = edge.span;
  }
  problems.error(span, "stages need each other in a circle: " + path,
                 "each arrow reads \"needs\"; take one of them out");
}

}  // namespace

bool check_graph(const Draft& draft, Problems& problems) {
  const StageGraph graph(draft.pipeline);
  check_names(draft, problems);
  check_needs(draft, graph, problems);
  const auto cycles = graph.cycles();
  for (const auto& cycle : cycles) report_cycle(draft, graph, cycle, problems);
  return cycles.empty();
}

}  // namespace pipeline::config
