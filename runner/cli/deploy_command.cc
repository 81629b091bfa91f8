// pipeline deploy, rollback and stop: what changes an environment from the command line.
#include <unistd.h>

#include <stop_token>

#include "pipelines/base/text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"
#include "runner/cli/environments.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/render/sentences.h"

namespace pipeline::cli {

namespace {

using Act =
    std::function<base::Result<deploy::DeploymentResult>(const deploy::Observer&, std::stop_token)>;

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

// A deploy stage of this artifact to this environment speaks for the command too: nobody comes
// around `promote_from` by deploying by hand.
void apply_stage(const model::Pipeline& pipeline, deploy::DeploymentRequest& request) {
  for (const model::Stage& stage : pipeline.stages) {
    const auto* work = std::get_if<model::DeployWork>(&stage.work);
    if (work == nullptr || work->environment != request.key.environment ||
        work->artifact != request.artifact) {
      continue;
    }
    request.promote_from = work->promote_from;
    if (work->strategy) request.environment.strategy = *work->strategy;
    return;
  }
}

std::string told(const deploy::EnvironmentKey& key, const deploy::DeploymentResult& result) {
  const std::string serving = result.release == 0
                                  ? "nothing serves"
                                  : "release " + std::to_string(result.release) + " serves";
  switch (result.verdict) {
    case deploy::Verdict::promoted:
      return key.environment + ": promoted, " + serving + "\n";
    case deploy::Verdict::unchanged:
      return key.environment + ": nothing to do, " + serving + "\n";
    case deploy::Verdict::rolled_back:
      return key.environment + ": rolled back, " + serving +
             "\nreason: " + render::one_line(result.reason) + "\n";
    case deploy::Verdict::frozen:
      return key.environment +
             ": frozen, nothing more is touched\nreason: " + render::one_line(result.reason) +
             "\npipeline status " + key.environment + " shows what is running\n";
  }
  return {};
}

ExitCode exit_code_of(deploy::Verdict verdict) {
  switch (verdict) {
    case deploy::Verdict::promoted:
    case deploy::Verdict::unchanged:
      return ExitCode::success;
    case deploy::Verdict::rolled_back:
      return ExitCode::failed;
    case deploy::Verdict::frozen:
      return ExitCode::errored;
  }
  return ExitCode::errored;
}

// The first Ctrl-C turns the deployment back, the second leaves at once: the journal knows how far
// it came.
void interrupt(std::stop_source& stop, int count, const deploy::EnvironmentKey& key,
               Console& console) {
  if (count == 1) {
    console.err.write("stopping; press Ctrl-C again to leave at once\n");
    stop.request_stop();
    return;
  }
  console.err.write("left unfinished; pipeline deploy --resume " + to_string(key) +
                    " finishes it\n");
  ::_exit(ExitCode::cancelled);
}

Outcome carry_out(const deploy::EnvironmentKey& key, Context& context, const Act& act) {
  std::stop_source stop;
  Console& console = context.console;
  PIPELINE_ASSIGN(const auto interrupts,
                  Interrupts::watch([&](int count) { interrupt(stop, count, key, console); }));
  const deploy::Observer observer = [&](const deploy::Progress& progress) {
    const std::string detail = progress.detail.empty() ? "" : ": " + progress.detail;
    console.out.write(key.environment + ": " + render::one_line(progress.state + detail) + "\n");
  };
  PIPELINE_ASSIGN(const deploy::DeploymentResult result, act(observer, stop.get_token()));
  console.out.write(told(key, result));
  return exit_code_of(result.verdict);
}

}  // namespace

Outcome execute(const DeployOptions& options, Context& context) {
  PIPELINE_ASSIGN(const ArtifactName artifact, parse_artifact(options.artifact));
  PIPELINE_ASSIGN(const ChosenTree tree, choose_tree(options.tree, context));
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  const deploy::EnvironmentKey key{tree.pipeline.name, options.environment};
  deploy::DeploymentRequest request{.key = key,
                                    .environment = {},
                                    .artifact = artifact.name,
                                    .digest = artifact.digest,
                                    .promote_from = {},
                                    .run = 0,
                                    .repository = tree.revision.repository,
                                    .tree = tree.revision.tree,
                                    .force = options.force};
  PIPELINE_ASSIGN(request.environment, environment_of(tree.pipeline, options.environment));
  apply_stage(tree.pipeline, request);
  return carry_out(key, context, [&](const deploy::Observer& observer, std::stop_token stop) {
    return deployer->deploy(request, observer, std::move(stop));
  });
}

Outcome execute(const ResumeOptions& options, Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto key, find_environment(options.environment, *deployer));
  return carry_out(key, context, [&](const deploy::Observer& observer, std::stop_token stop) {
    return deployer->resume(key, observer, std::move(stop));
  });
}

Outcome execute(const RollbackOptions& options, Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto key, find_environment(options.environment, *deployer));
  return carry_out(key, context, [&](const deploy::Observer& observer, std::stop_token stop) {
    return deployer->roll_back(key, options.release, observer, std::move(stop));
  });
}

Outcome execute(const StopOptions& options, Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto key, find_environment(options.environment, *deployer));
  PIPELINE_TRY(deployer->shut_down(key, [&](const deploy::Progress& progress) {
    context.console.out.write(key.environment + ": " + render::one_line(progress.detail) + "\n");
  }));
  context.console.out.write(key.environment + ": stopped\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
