// Who makes which artifact, and whether it is there when it is used.
#include <string>
#include <unordered_map>
#include <variant>

#include "pipelines/config/rules.h"
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

Makers find_makers(const Draft& draft, Problems& problems) {
  Makers makers;
  std::unordered_map<std::string, std::string> by_variable;
  for (std::size_t i = 0; i < draft.pipeline.stages.size(); ++i) {
    const auto* work = std::get_if<CommandWork>(&draft.pipeline.stages[i].work);
    if (work == nullptr || work->artifacts.empty()) continue;
    makers.stages.push_back(i);
    for (const model::ArtifactSpec& artifact : work->artifacts) {
      const auto [first, is_new] = makers.stage_of.emplace(artifact.name, i);
      const std::string variable = model::variable_name("ARTIFACT_", artifact.name);
      if (!is_new) {
        problems.error(artifact.span, "there are two artifacts named \"" + artifact.name + '"',
                       "the first is made by \"" + draft.pipeline.stages[first->second].name + '"');
      } else if (!by_variable.emplace(variable, artifact.name).second) {
        problems.error(artifact.span, "artifacts \"" + by_variable[variable] + "\" and \"" +
                                          artifact.name + "\" would share the variable " +
                                          variable);
      }
      makers.names.push_back(artifact.name);
    }
  }
  return makers;
}

class UseCheck {
 public:
  UseCheck(const Draft& draft, Problems& problems)
      : draft_(draft),
        problems_(problems),
        makers_(find_makers(draft, problems)),
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
          check(i, command->uses[use], Draft::span_of(node, "uses", use));
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
