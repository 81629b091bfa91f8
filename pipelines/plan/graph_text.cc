// render_graph() and render_dot().
#include "pipelines/base/text.h"
#include "pipelines/model/stage_graph.h"
#include "pipelines/plan/columns.h"
#include "pipelines/plan/render.h"

namespace pipeline::plan {

namespace {

using model::Pipeline;
using model::Stage;
using model::StageEdge;
using model::StageGraph;

constexpr std::size_t kWidestName = 32;

std::string needs_of(const Pipeline& pipeline, const StageGraph& graph, std::size_t stage) {
  std::vector<std::string> names;
  for (const StageEdge& edge : graph.needs(stage)) {
    names.push_back(pipeline.stages[edge.stage].name + (edge.optional ? " (optional)" : ""));
  }
  return names.empty() ? "" : "needs " + enumerate(names);
}

std::vector<std::vector<std::size_t>> stages_by_level(const StageGraph& graph) {
  std::vector<std::vector<std::size_t>> levels;
  const auto level_of = graph.levels();
  for (std::size_t stage = 0; stage < level_of.size(); ++stage) {
    if (level_of[stage] >= levels.size()) levels.resize(level_of[stage] + 1);
    levels[level_of[stage]].push_back(stage);
  }
  return levels;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char byte : name) {
    if (byte == '"' || byte == '\\') text += '\\';
    text += byte;
  }
  return text + '"';
}

std::string_view node_style(const Stage& stage) {
  if (stage.kind == model::StageKind::deploy) return " [shape=house]";
  if (stage.kind == model::StageKind::approval) return " [shape=diamond]";
  return stage.allow_failure ? " [style=dashed]" : "";
}

}  // namespace

std::string render_graph(const Pipeline& pipeline) {
  const StageGraph graph(pipeline);
  const auto levels = stages_by_level(graph);
  std::vector<std::string> names;
  names.reserve(pipeline.stages.size());
  for (const Stage& stage : pipeline.stages) names.push_back(stage.name);
  const std::size_t number_width = std::to_string(levels.size()).size();
  const std::size_t indent = number_width + 2 + common_width(names, kWidestName) + 2;
  std::string text = "pipeline " + pipeline.name + ": " + std::to_string(names.size()) +
                     (names.size() == 1 ? " stage, " : " stages, ") +
                     std::to_string(levels.size()) + (levels.size() == 1 ? " level" : " levels") +
                     "\n\n";
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const std::string number = std::to_string(level + 1);
    std::string margin = std::string(number_width - number.size(), ' ') + number + "  ";
    for (const std::size_t stage : levels[level]) {
      const std::string needs = needs_of(pipeline, graph, stage);
      text += needs.empty() ? margin + names[stage] + "\n"
                            : in_columns(margin + names[stage], indent, needs);
      margin = std::string(number_width + 2, ' ');
    }
  }
  return text;
}

std::string render_dot(const Pipeline& pipeline) {
  const StageGraph graph(pipeline);
  std::string text =
      "digraph " + quoted(pipeline.name) + " {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Stage& stage : pipeline.stages) {
    text += "  " + quoted(stage.name) + std::string(node_style(stage)) + ";\n";
  }
  for (std::size_t stage = 0; stage < graph.size(); ++stage) {
    for (const StageEdge& edge : graph.needs(stage)) {
      text += "  " + quoted(pipeline.stages[edge.stage].name) + " -> " +
              quoted(pipeline.stages[stage].name) + (edge.optional ? " [style=dashed]" : "") +
              ";\n";
    }
  }
  return text + "}\n";
}

}  // namespace pipeline::plan
