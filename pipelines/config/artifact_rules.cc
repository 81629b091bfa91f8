// Who makes which artifact, and whether it is there when it is used.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <variant>

#include "pipelines/config/formats.h"
#include "pipelines/config/rules.h"
#include "pipelines/model/placeholder.h"
#include "pipelines/model/stage_graph.h"
#include "pipelines/model/variable.h"

namespace pipeline::config {

namespace {

using model::CommandWork;
using model::DeployWork;

struct Makers {
  std::unordered_map<std::string, std::size_t> stage_of;  // artifact → stage
  std::vector<std::string> names;
  std::vector<std::size_t> stages;  // ascending
};

// A stage without a matrix is one job, whose cell has no values.
std::vector<model::MatrixCell> cells_of(const CommandWork& work) {
  return work.matrix.empty() ? std::vector<model::MatrixCell>(1) : model::cells_of(work.matrix);
}

// The name as the jobs of the stage mean it, each once; reports a placeholder that has no value.
std::vector<std::string> names_in(const CommandWork& work, const std::string& name,
                                  base::SourceSpan span, Problems& problems) {
  std::vector<std::string> names;
  for (const model::MatrixCell& cell : cells_of(work)) {
    auto filled = model::fill_placeholders(name, model::values_of(cell));
    if (filled) filled = parse_name(*filled);
    if (!filled) {
      problems.error(span, filled.error().to_string(), filled.error().hint());
      return {};
    }
    if (std::ranges::find(names, *filled) == names.end()) names.push_back(*std::move(filled));
  }
  return names;
}

class MakerSearch {
 public:
  MakerSearch(const Draft& draft, Problems& problems) : draft_(draft), problems_(problems) {}

  Makers run() {
    for (std::size_t i = 0; i < draft_.pipeline.stages.size(); ++i) {
      const auto* work = std::get_if<CommandWork>(&draft_.pipeline.stages[i].work);
      if (work == nullptr || work->artifacts.empty()) continue;
      makers_.stages.push_back(i);
      for (const model::ArtifactSpec& artifact : work->artifacts) add(i, *work, artifact);
    }
    return std::move(makers_);
  }

 private:
  void add(std::size_t stage, const CommandWork& work, const model::ArtifactSpec& artifact) {
    const auto names = names_in(work, artifact.name, artifact.span, problems_);
    if (names.empty()) return;
    const std::vector<model::MatrixCell> cells = cells_of(work);
    if (names.size() < cells.size()) {
      const std::string& axis = cells.front().front().first;
      problems_.error(artifact.span,
                      "several jobs of the matrix would make \"" + names.front() + '"',
                      "say which in its name: \"" + names.front() + "-{matrix." + axis + "}\"");
      return;
    }
    for (const std::string& name : names) add_name(stage, name, artifact.span);
  }

  void add_name(std::size_t stage, const std::string& name, base::SourceSpan span) {
    const auto [first, is_new] = makers_.stage_of.emplace(name, stage);
    const std::string variable = model::variable_name("ARTIFACT_", name);
    if (!is_new) {
      problems_.error(span, "there are two artifacts named \"" + name + '"',
                      "the first is made by \"" + draft_.pipeline.stages[first->second].name + '"');
    } else if (!by_variable_.emplace(variable, name).second) {
      problems_.error(span, "artifacts \"" + by_variable_[variable] + "\" and \"" + name +
                                "\" would share the variable " + variable);
    }
    makers_.names.push_back(name);
  }

  const Draft& draft_;
  Problems& problems_;
  Makers makers_;
  std::unordered_map<std::string, std::string> by_variable_;
};

class UseCheck {
 public:
  UseCheck(const Draft& draft, Problems& problems)
      : draft_(draft),
        problems_(problems),
        makers_(MakerSearch(draft, problems).run()),
        graph_(draft.pipeline),
        closure_(graph_, makers_.stages) {}

  void run() {
    for (std::size_t i = 0; i < draft_.pipeline.stages.size(); ++i) {
      const auto& work = draft_.pipeline.stages[i].work;
      const Node& node = *draft_.stage_nodes[i];
      if (const auto* deploy = std::get_if<DeployWork>(&work)) {
        check(i, deploy->artifact, Draft::span_of(node, "artifact"));
      } else if (const auto* command = std::get_if<CommandWork>(&work)) {
        for (std::size_t use = 0; use < command->uses.size(); ++use) {
          const base::SourceSpan span = Draft::span_of(node, "uses", use);
          for (const auto& name : names_in(*command, command->uses[use], span, problems_)) {
            check(i, name, span);
          }
        }
      }
    }
  }

 private:
  void check(std::size_t stage, const std::string& artifact, base::SourceSpan span) {
    if (artifact.empty()) return;
    const auto maker = makers_.stage_of.find(artifact);
    if (maker == makers_.stage_of.end()) {
      auto hint = problems_.did_you_mean(artifact, makers_.names);
      if (!hint) hint = "a stage makes one with artifacts = [{ name = …, paths = […] }]";
      problems_.error(span, "no stage makes an artifact named \"" + artifact + '"',
                      std::move(hint));
    } else if (!closure_.contains(stage, maker->second)) {
      const std::string& name = draft_.pipeline.stages[maker->second].name;
      problems_.error(span,
                      "\"" + artifact + "\" is made by \"" + name +
                          "\", which this stage does not need, directly or not",
                      "add \"" + name + "\" to its needs");
    }
  }

  const Draft& draft_;
  Problems& problems_;
  Makers makers_;
  model::StageGraph graph_;
  model::StageClosure closure_;
};

}  // namespace

void check_artifacts(const Draft& draft, Problems& problems) {
  UseCheck(draft, problems).run();
}

}  // namespace pipeline::config
