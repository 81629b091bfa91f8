#include "stages/step/step.h"

#include <algorithm>
#include <iterator>

#include "pipelines/model/variable.h"
#include "stages/secret/detector.h"
#include "stages/step/reports.h"
#include "stages/step/stop_switch.h"
#include "stages/step/verdict.h"

namespace pipeline::step {

namespace fs = std::filesystem;
using run::JobStatus;
using sandbox::Isolation;
using workspace::Workspace;

namespace {

// Tells when the job has started: with its first command, not with the making of its workspace.
class CommandEvents final : public sandbox::SandboxObserver {
 public:
  explicit CommandEvents(StepObserver& observer) : observer_(observer) {}
  void service_awaited(std::uint32_t index) override { observer_.service_awaited(index); }
  void command_started(std::uint32_t index) override {
    if (!std::exchange(started_, true)) observer_.started();
    observer_.command_started(index);
  }
  void command_finished(std::uint32_t index, int exit_code) override {
    observer_.command_finished(index, exit_code);
  }
  bool started() const { return started_; }

 private:
  StepObserver& observer_;
  bool started_ = false;
};

StepOutcome outcome_of(const Verdict& verdict) {
  StepOutcome outcome;
  outcome.status = verdict.status;
  outcome.reason = verdict.reason;
  return outcome;
}

// Before and around the commands nothing is the job's doing.
StepOutcome errored(const base::Error& error) {
  return outcome_of({JobStatus::errored, verdict_of(error).reason});
}

// What the stage asks of this machine and is not there: the stage's mistake.
base::Result<> check_readable(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::error_code unknown;
    if (fs::exists(path, unknown) || unknown) continue;
    return base::fail(base::Error(base::ErrorKind::invalid, "the readable path \"" + path +
                                                                "\" does not exist on this machine")
                          .hint("`sandbox.readable` names paths of the machine that runs the job"));
  }
  return {};
}

// What a job's sandbox is made from, and what must not go away while it runs.
struct Prepared {
  source::WorkTree tree;
  std::vector<workspace::RestoredCache> caches;  // as many as were found
  std::vector<std::string> warnings{};
  Workspace workspace;
  sandbox::SandboxPlan plan{};
};

// overlayfs refuses to have one directory twice, and two caches may have the same content.
void add_layer(const fs::path& layer, std::vector<fs::path>& layers) {
  if (std::ranges::find(layers, layer) == layers.end()) layers.push_back(layer);
}

}  // namespace

struct Step::Impl {
  StepTools tools;
  StepOrder order;
  StopSwitch stop_switch{};

  base::Result<Prepared> prepare(workspace::Assembly assembly) const;
  base::Result<> add_artifacts(Prepared& prepared) const;
  workspace::CacheScope cache_scope() const { return {order.repository, order.trust}; }
  std::vector<workspace::RestoredCache> restore_caches(std::vector<std::string>& warnings) const;
  void save_caches(const Workspace& left, StepOutcome& outcome) const;
  base::Result<sandbox::SandboxResult> run_sandbox(const sandbox::SandboxPlan& plan,
                                                   sandbox::SandboxObserver& observer);
  base::Result<> pack(const workspace::MergedView& view, const model::ArtifactSpec& artifact,
                      StepOutcome& outcome) const;
  base::Result<> collect(const Workspace& workspace, StepOutcome& outcome) const;
  void read_reports(const Prepared& prepared, const sandbox::SandboxResult& result,
                    StepOutcome& outcome) const;
  StepOutcome conclude(const Prepared& prepared,
                       const base::Result<sandbox::SandboxResult>& result) const;
  void keep(Workspace& left) const;
  StepOutcome attempt(workspace::Assembly assembly, StepObserver& observer, bool& overlay_refused);
  StepOutcome run(StepObserver& observer);
};

base::Result<Prepared> Step::Impl::prepare(workspace::Assembly assembly) const {
  PIPELINE_ASSIGN(auto tree, tools.source.work_tree(order.repository, order.tree));
  std::vector<fs::path> layers = {tree.path()};
  std::vector<std::string> warnings;
  std::vector<workspace::RestoredCache> caches = restore_caches(warnings);
  for (const auto& cache : caches) add_layer(cache.layer, layers);
  for (auto digest = order.layers.begin(); digest != order.layers.end(); ++digest) {
    // overlayfs refuses to have one directory twice, and what lies lower would not be seen anyway.
    if (std::find(std::next(digest), order.layers.end(), *digest) != order.layers.end()) continue;
    PIPELINE_ASSIGN(auto layer, tools.layers.find(*digest));
    layers.push_back(std::move(layer));
  }
  const bool isolated = tools.isolation == Isolation::full;
  PIPELINE_ASSIGN(auto made, tools.workspaces.make(order.log_directory.filename().string(),
                                                   std::move(layers), assembly));
  Prepared prepared{.tree = std::move(tree),
                    .caches = std::move(caches),
                    .warnings = std::move(warnings),
                    .workspace = std::move(made)};
  sandbox::SandboxPlan& plan = prepared.plan;
  plan.isolation = tools.isolation;
  plan.workspace = {.lower = prepared.workspace.mounted_layers(),
                    .upper = prepared.workspace.upper(),
                    .scratch = prepared.workspace.scratch()};
  plan.workdir = order.work.workdir;
  plan.commands = order.work.run;
  plan.services = order.work.services;
  plan.shell = order.work.shell;
  plan.env = order.env;
  plan.env["WORKSPACE"] = isolated ? sandbox::kWorkspace : prepared.workspace.upper().string();
  for (const auto& [name, value] : order.secrets) {
    plan.env[name] = value;
    plan.masked.push_back(value);
  }
  for (const std::string& path : order.work.sandbox.readable) plan.mounts.push_back({path, path});
  plan.limits = order.work.sandbox;
  plan.timeout = order.timeout;
  plan.log_directory = order.log_directory;
  PIPELINE_TRY(add_artifacts(prepared));
  return prepared;
}

// Best effort: without its caches a job takes longer, and does the same.
std::vector<workspace::RestoredCache> Step::Impl::restore_caches(
    std::vector<std::string>& warnings) const {
  std::vector<workspace::RestoredCache> restored;
  for (const model::CacheSpec& cache : order.work.caches) {
    std::vector<std::string> keys = {cache.key};
    keys.insert(keys.end(), cache.fallback.begin(), cache.fallback.end());
    auto found = tools.caches.restore(cache_scope(), keys);
    if (!found) {
      warnings.push_back("the cache " + cache.path +
                         " was not restored: " + found.error().to_string());
    } else if (*found) {
      restored.push_back(**std::move(found));
    }
  }
  return restored;
}

void Step::Impl::save_caches(const Workspace& left, StepOutcome& outcome) const {
  for (const model::CacheSpec& cache : order.work.caches) {
    const auto saved =
        tools.caches.save(cache_scope(), cache.key, left.leftovers(), cache.path, order.outputs);
    if (saved) continue;
    outcome.warnings.push_back("the cache " + cache.path +
                               " was not saved: " + saved.error().to_string());
  }
}

// Inside a sandbox the shared copy is mounted, read-only. Without one nothing would keep the job
// from changing it, so the job gets a copy of its own.
base::Result<> Step::Impl::add_artifacts(Prepared& prepared) const {
  for (const UsedArtifact& use : order.uses) {
    const std::string variable = artifact_variable(use.name);
    fs::path where = fs::path("/artifacts") / use.name;
    if (tools.isolation == Isolation::full) {
      PIPELINE_ASSIGN(auto shared, tools.artifacts.unpacked(use.digest));
      prepared.plan.mounts.push_back({std::move(shared), where});
    } else {
      where = prepared.workspace.upper().parent_path() / variable;
      PIPELINE_TRY(tools.artifacts.unpack(use.digest, where));
    }
    prepared.plan.env[variable] = where.string();
  }
  return {};
}

base::Result<sandbox::SandboxResult> Step::Impl::run_sandbox(const sandbox::SandboxPlan& plan,
                                                             sandbox::SandboxObserver& observer) {
  PIPELINE_ASSIGN(auto running, tools.launcher.start(plan));
  stop_switch.arm(running);
  if (order.another_may_follow) tools.launcher.prepare();
  auto result = running.wait(observer);
  stop_switch.disarm();
  return result;
}

// Packs one artifact, and looks whether one of the job's secrets went into it.
base::Result<> Step::Impl::pack(const workspace::MergedView& view,
                                const model::ArtifactSpec& artifact, StepOutcome& outcome) const {
  artifact::PackObserver observer;
  secret::Detector detector(order.secrets);
  if (!order.secrets.empty()) {
    observer = {[&detector](std::string_view path) { detector.begin(path); },
                [&detector](std::string_view bytes) { detector.feed(bytes); }};
  }
  auto packed = tools.artifacts.put(view, artifact.paths, order.work.sandbox.disk, observer);
  if (!packed) return base::during(std::move(packed), "pack the artifact " + artifact.name);
  outcome.artifacts.push_back({artifact.name, packed->digest, packed->size});
  for (const auto& [name, path] : detector.found()) {
    std::string warning = "the artifact " + artifact.name + " contains the secret ";
    warning.append(name).append(", in ").append(path);
    outcome.warnings.push_back(std::move(warning));
  }
  return {};
}

// Artifacts before outputs: collecting may move the files away.
base::Result<> Step::Impl::collect(const Workspace& left, StepOutcome& outcome) const {
  const model::CommandWork& work = order.work;
  const workspace::Leftovers leftovers = left.leftovers();
  if (!work.artifacts.empty()) {
    PIPELINE_ASSIGN(const auto view, workspace::view_of(leftovers));
    for (const model::ArtifactSpec& artifact : work.artifacts) {
      PIPELINE_TRY(pack(view, artifact, outcome));
    }
  }
  if (work.outputs.empty()) return {};
  PIPELINE_ASSIGN(outcome.outputs,
                  tools.layers.collect(leftovers, work.outputs, work.sandbox.disk, order.outputs));
  return {};
}

// Also of a job that failed: then they are worth most. One that never began has none.
void Step::Impl::read_reports(const Prepared& prepared, const sandbox::SandboxResult& result,
                              StepOutcome& outcome) const {
  if (!order.work.reports || outcome.status == JobStatus::errored) return;
  std::vector<std::string> secrets;
  for (const auto& [name, value] : order.secrets) secrets.push_back(value);
  const ReportPlace place{prepared.plan.env.at("WORKSPACE"), order.log_directory};
  const bool in_last_command = result.cause == sandbox::SandboxResult::Cause::exited &&
                               result.commands_started == order.work.run.size();
  Reported reported = report_on(*order.work.reports, prepared.workspace.leftovers(), place, secrets,
                                {outcome.status, outcome.reason}, in_last_command);
  outcome.status = reported.verdict.status;
  outcome.reason = std::move(reported.verdict.reason);
  outcome.tests = std::move(reported.tests);
}

// What the end of the commands means, and what is kept of a success.
StepOutcome Step::Impl::conclude(const Prepared& prepared,
                                 const base::Result<sandbox::SandboxResult>& result) const {
  if (!result) return errored(result.error());
  StepOutcome outcome = outcome_of(verdict_of(*result, order.work.run.size(), order.timeout));
  const bool stopped =
      outcome.status == JobStatus::timed_out || outcome.status == JobStatus::cancelled;
  if (const auto wish = stop_switch.wish(); wish && stopped) outcome = outcome_of(*wish);
  read_reports(prepared, *result, outcome);
  if (outcome.status == JobStatus::succeeded) {
    if (const auto collected = collect(prepared.workspace, outcome); !collected) {
      auto tests = std::move(outcome.tests);
      outcome = outcome_of(verdict_of(collected.error()));
      outcome.tests = std::move(tests);
    }
  }
  outcome.warnings.insert(outcome.warnings.begin(), prepared.warnings.begin(),
                          prepared.warnings.end());
  if (outcome.status == JobStatus::succeeded) save_caches(prepared.workspace, outcome);
  outcome.usage = {.cpu = result->cpu, .peak_memory = result->peak_memory};
  return outcome;
}

// Best effort: that it could not be kept changes nothing of the job's outcome.
void Step::Impl::keep(Workspace& left) const {
  const auto kept = left.keep();
  std::error_code ignored;
  if (kept) fs::create_directory_symlink(*kept, order.log_directory / "workspace", ignored);
}

StepOutcome Step::Impl::attempt(workspace::Assembly assembly, StepObserver& observer,
                                bool& overlay_refused) {
  if (const auto there = check_readable(order.work.sandbox.readable); !there)
    return outcome_of(verdict_of(there.error()));
  auto prepared = prepare(assembly);
  if (!prepared) return errored(prepared.error());
  StepOutcome outcome;
  if (const auto wish = stop_switch.wish()) {
    outcome = outcome_of(*wish);
  } else {
    CommandEvents events(observer);
    const auto result = run_sandbox(prepared->plan, events);
    if (events.started()) observer.finishing();
    overlay_refused = result && result->overlay_refused;
    outcome = conclude(*prepared, result);
  }
  if (order.outputs == workspace::Take::copy && !overlay_refused) keep(prepared->workspace);
  tools.workspaces.dispose(std::move(prepared->workspace));
  return outcome;
}

StepOutcome Step::Impl::run(StepObserver& observer) {
  const auto assembly = tools.isolation == Isolation::full ? tools.workspaces.assembly()
                                                           : workspace::Assembly::copied;
  bool overlay_refused = false;
  StepOutcome outcome = attempt(assembly, observer, overlay_refused);
  if (!overlay_refused || assembly == workspace::Assembly::copied) return outcome;
  tools.workspaces.give_up_overlays();
  return attempt(workspace::Assembly::copied, observer, overlay_refused);
}

Step::Step(const StepTools& tools, StepOrder order)
    : impl_(new Impl{.tools = tools, .order = std::move(order)}) {}

Step::~Step() = default;

StepOutcome Step::run(StepObserver& observer) {
  return impl_->run(observer);
}

void Step::stop(JobStatus as, const std::string& reason) {
  impl_->stop_switch.stop(as, reason);
}

void Step::stop_now() {
  impl_->stop_switch.stop_now();
}

std::string artifact_variable(const std::string& name) {
  return model::variable_name("ARTIFACT_", name);
}

}  // namespace pipeline::step
