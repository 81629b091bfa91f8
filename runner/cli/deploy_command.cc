// pipeline deploy, rollback and stop: what changes an environment from the command line.
#include <unistd.h>

#include <algorithm>
#include <stop_token>

#include "pipelines/base/text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"
#include "runner/cli/environments.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace {

using Find = std::function<base::Result<deploy::EnvironmentKey>(deploy::Deployer&)>;
using Act = std::function<base::Result<deploy::DeploymentResult>(
    deploy::Deployer&, const deploy::EnvironmentKey&, const deploy::Observer&, std::stop_token)>;

struct ArtifactName {
  std::string name;
  base::Digest digest;
};

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

std::string told(const deploy::EnvironmentKey& key, const deploy::DeploymentResult& result) {
  const std::string serving = result.release == 0
                                  ? "nothing serves"
                                  : "release " + std::to_string(result.release) + " serves";
  const std::string hint =
      result.hint.empty() ? "" : "hint: " + render::one_line(result.hint) + "\n";
  switch (result.verdict) {
    case deploy::Verdict::promoted:
      return key.environment + ": promoted, " + serving + "\n";
    case deploy::Verdict::unchanged:
      return key.environment + ": nothing to do, " + serving + "\n";
    case deploy::Verdict::restored:
      return key.environment + ": brought back, " + serving + "\n";
    case deploy::Verdict::rolled_back:
      return key.environment + ": rolled back, " + serving +
             "\nreason: " + render::one_line(result.reason) + "\n" + hint;
    case deploy::Verdict::frozen:
      return key.environment +
             ": frozen, nothing more is touched\nreason: " + render::one_line(result.reason) +
             "\n" + hint + "pipeline status " + key.environment + " shows what is running\n";
  }
  return {};
}

ExitCode exit_code_of(const deploy::DeploymentResult& result) {
  switch (result.verdict) {
    case deploy::Verdict::promoted:
    case deploy::Verdict::unchanged:
    case deploy::Verdict::restored:
      return ExitCode::success;
    case deploy::Verdict::rolled_back:
      return result.blame == rollout::Blame::release ? ExitCode::failed : ExitCode::errored;
    case deploy::Verdict::frozen:
      return ExitCode::errored;
  }
  return ExitCode::errored;
}

// The first Ctrl-C turns the deployment back, the second leaves at once: the journal knows how far
// it came.
void interrupt(std::stop_source& stop, int count, const std::string& environment,
               Console& console) {
  if (count == 1) {
    console.err.write("stopping; press Ctrl-C again to leave at once\n");
    stop.request_stop();
    return;
  }
  console.err.write("left unfinished; pipeline deploy --resume " + environment + " finishes it\n");
  ::_exit(ExitCode::cancelled);
}

// `name` is how the user may call the environment; `find` and `act` see the deployer that is opened
// once signals are watched.
Outcome carry_out(const std::string& name, Context& context, const Find& find, const Act& act) {
  std::stop_source stop;
  Console& console = context.console;
  // Opening the deployer may start threads, and each would take signals in its own way.
  PIPELINE_ASSIGN(const auto interrupts,
                  Interrupts::watch([&](int count) { interrupt(stop, count, name, console); }));
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const deploy::EnvironmentKey key, find(*deployer));
  const deploy::Observer observer = [&](const deploy::Progress& progress) {
    const std::string detail = progress.detail.empty() ? "" : ": " + progress.detail;
    console.out.write(key.environment + ": " + render::one_line(progress.state + detail) + "\n");
  };
  PIPELINE_ASSIGN(const deploy::DeploymentResult result,
                  act(*deployer, key, observer, stop.get_token()));
  console.out.write(told(key, result));
  const bool turned_back = stop.stop_requested() && result.verdict == deploy::Verdict::rolled_back;
  return turned_back ? ExitCode::cancelled : exit_code_of(result);
}

Find named(const std::string& environment, const std::filesystem::path& directory) {
  return [environment, directory](deploy::Deployer& deployer) {
    return find_own_environment(environment, deployer, directory);
  };
}

}  // namespace

Outcome execute(const DeployOptions& options, Context& context) {
  PIPELINE_ASSIGN(const ArtifactName artifact, parse_artifact(options.artifact));
  PIPELINE_ASSIGN(const ChosenTree tree, choose_tree(options.tree, context));
  deploy::EnvironmentKey wanted{tree.pipeline.name, options.environment};
  deploy::DeploymentRequest request{.key = wanted,
                                    .environment = {},
                                    .artifact = artifact.name,
                                    .digest = artifact.digest,
                                    .promote_from = {},
                                    .run = 0,
                                    .repository = tree.revision.repository,
                                    .tree = tree.revision.tree,
                                    .force = options.force};
  PIPELINE_ASSIGN(request.environment, environment_of(tree.pipeline, options.environment));
  PIPELINE_TRY(check_artifact_name(tree.pipeline, artifact.name));
  apply_stages(tree.pipeline, request);
  return carry_out(
      to_string(wanted), context, [&](deploy::Deployer&) { return wanted; },
      [&](deploy::Deployer& deployer, const deploy::EnvironmentKey&,
          const deploy::Observer& observer, std::stop_token stop) {
        // The artifact is one that the user named.
        return of_a_name(deployer.deploy(request, observer, std::move(stop)));
      });
}

Outcome execute(const ResumeOptions& options, Context& context) {
  return carry_out(options.environment, context, named(options.environment, context.directory),
                   [](deploy::Deployer& deployer, const deploy::EnvironmentKey& key,
                      const deploy::Observer& observer, std::stop_token stop) {
                     return deployer.resume(key, observer, std::move(stop));
                   });
}

Outcome execute(const RollbackOptions& options, Context& context) {
  return carry_out(options.environment, context, named(options.environment, context.directory),
                   [&](deploy::Deployer& deployer, const deploy::EnvironmentKey& key,
                       const deploy::Observer& observer, std::stop_token stop) {
                     return deployer.roll_back(key, options.release, observer, std::move(stop));
                   });
}

Outcome execute(const StopOptions& options, Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto key,
                  find_own_environment(options.environment, *deployer, context.directory));
  PIPELINE_TRY(deployer->shut_down(key, [&](const deploy::Progress& progress) {
    context.console.out.write(key.environment + ": " + render::one_line(progress.detail) + "\n");
  }));
  context.console.out.write(key.environment + ": stopped\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
