#include "runner/cli/prepared_deployment.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/user_name.h"

namespace pipeline::cli {

namespace {

base::Result<model::Environment> environment_of(const model::Pipeline& pipeline,
                                                const std::string& name) {
  if (const model::Environment* found = pipeline.find_environment(name)) return *found;
  std::vector<std::string> names;
  for (const model::Environment& one : pipeline.environments) names.push_back(one.name);
  const auto near = base::nearest(name, names);
  return base::fail(
      base::Error(base::ErrorKind::invalid,
                  "pipeline " + pipeline.name + " has no environment \"" + name + "\"")
          .hint(near            ? "did you mean \"" + *near + "\"?"
                : names.empty() ? "an [environment." + name + "] table declares it"
                                : "it has: " + base::join(names, ", ")));
}

// Every artifact that a deploy stage names is also made by some stage.
base::Result<> check_artifact_name(const model::Pipeline& pipeline, const std::string& artifact) {
  std::vector<std::string> names;
  for (const model::Stage& stage : pipeline.stages) {
    const auto* work = std::get_if<model::CommandWork>(&stage.work);
    if (work == nullptr) continue;
    for (const model::ArtifactSpec& made : work->artifacts) names.push_back(made.name);
  }
  if (std::ranges::find(names, artifact) != names.end()) return {};
  const auto near = base::nearest(artifact, names);
  return base::fail(
      base::Error(base::ErrorKind::invalid, "no stage of pipeline " + pipeline.name +
                                                " makes an artifact \"" + artifact + "\"")
          .hint(near            ? "did you mean \"" + *near + "\"?"
                : names.empty() ? "a stage makes one with artifacts = [{ name = …, paths = […] }]"
                                : "they make: " + base::join(names, ", ")));
}

// The deploy stages of this environment speak for the command too: nobody comes around
// `promote_from` by deploying by hand, or by calling an artifact otherwise.
void apply_stages(const model::Pipeline& pipeline, deploy::DeploymentRequest& request) {
  bool has_strategy = false;
  for (const model::Stage& stage : pipeline.stages) {
    const auto* work = std::get_if<model::DeployWork>(&stage.work);
    if (work == nullptr || work->environment != request.key.environment) continue;
    if (work->promote_from) request.promote_from.push_back(*work->promote_from);
    if (work->artifact != request.artifact || has_strategy) continue;
    has_strategy = true;
    if (work->strategy) request.environment.strategy = *work->strategy;
  }
}

}  // namespace

base::Result<ArtifactName> parse_artifact(const std::string& text) {
  const auto at = text.rfind('@');
  const auto complain = [&text](const std::string& cause) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, "\"" + text + "\" " + cause)
            .hint("pipeline artifacts RUN prints artifacts in the form that is wanted"));
  };
  if (at == std::string::npos || at == 0) return complain("is not of the form ARTIFACT@DIGEST");
  const auto digest = base::Digest::parse(text.substr(at + 1));
  if (!digest) return complain("ends in no digest: " + digest.error().message());
  return ArtifactName{text.substr(0, at), *digest};
}

base::Result<deploy::DeploymentRequest> prepare_deployment(const DeployOptions& options,
                                                           Context& context) {
  PIPELINE_ASSIGN(const ArtifactName artifact, parse_artifact(options.artifact));
  PIPELINE_ASSIGN(const ChosenTree tree, choose_tree(options.tree, context));
  deploy::DeploymentRequest request{.key = {tree.pipeline.name, options.environment},
                                    .environment = {},
                                    .artifact = artifact.name,
                                    .digest = artifact.digest,
                                    .promote_from = {},
                                    .run = 0,
                                    .repository = tree.revision.repository,
                                    .tree = tree.revision.tree,
                                    .force = options.force,
                                    .by = options.by.empty() ? user_name() : options.by};
  PIPELINE_ASSIGN(request.environment, environment_of(tree.pipeline, options.environment));
  PIPELINE_TRY(check_artifact_name(tree.pipeline, artifact.name));
  apply_stages(tree.pipeline, request);
  return request;
}

}  // namespace pipeline::cli
