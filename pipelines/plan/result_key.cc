#include "pipelines/plan/result_key.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "pipelines/base/glob.h"
#include "pipelines/plan/run_variables.h"

namespace pipeline::plan {

namespace {

using base::Glob;
using base::Result;
using model::CommandWork;
using model::SandboxSpec;

// Bumped whenever the same job would mean something else: old results are then not found.
constexpr std::string_view kVersion = "pipeline result key 4";

class Lines {
 public:
  void add(std::string_view kind, std::string_view name, std::string value) {
    manifest_.push_back({std::string(kind), std::string(name), std::move(value)});
  }
  // Where the order counts, the place is the name.
  template <class List>
  void add_list(std::string_view kind, const List& items) {
    std::size_t place = 0;
    for (const auto& item : items) add(kind, std::to_string(++place), item);
  }
  ResultManifest take() && { return std::move(manifest_); }

 private:
  ResultManifest manifest_;
};

void add_sandbox(const SandboxSpec& sandbox, Lines& out) {
  out.add("sandbox", "network", sandbox.network == model::NetworkMode::host ? "host" : "none");
  out.add("sandbox", "memory", std::to_string(sandbox.memory));
  out.add("sandbox", "cpus", std::to_string(sandbox.cpus));
  out.add("sandbox", "processes", std::to_string(sandbox.processes));
  out.add("sandbox", "disk", std::to_string(sandbox.disk));
  out.add_list("readable path", sandbox.readable);
}

Result<> add_files(const CommandWork& work, const std::vector<TreeFile>& files, Lines& out) {
  std::vector<Glob> globs;
  for (const std::string& pattern : work.inputs) {
    PIPELINE_ASSIGN(Glob glob, Glob::compile(pattern));
    globs.push_back(std::move(glob));
  }
  std::vector<const TreeFile*> chosen;
  for (const TreeFile& file : files) {
    const auto matches = [&](const Glob& glob) { return glob.matches(file.path); };
    if (std::ranges::any_of(globs, matches)) chosen.push_back(&file);
  }
  std::ranges::sort(chosen, {}, &TreeFile::path);
  for (const TreeFile* file : chosen) {
    out.add("file", file->path, file->id + ' ' + std::to_string(file->mode));
  }
  return {};
}

// How often is looked, and how long, is not what makes a result.
void add_ready(const std::string& service, const model::ReadySpec& ready, Lines& out) {
  out.add("readiness", service + " command", ready.command);
  if (!ready.endpoint) return;
  out.add("readiness", service + " host", ready.endpoint->host);
  out.add("readiness", service + " port", std::to_string(ready.endpoint->port));
  out.add("readiness", service + " path", ready.endpoint->http_path.value_or(""));
}

void add_services(const std::vector<const model::ServiceSpec*>& services, Lines& out) {
  std::size_t place = 0;
  for (const model::ServiceSpec* service : services) {
    // Their order is the one they start in.
    out.add("service", service->name, std::to_string(++place) + ' ' + service->run);
    for (const auto& [name, value] : service->env) {
      out.add("service variable", service->name + ' ' + name, value);
    }
    if (service->ready) add_ready(service->name, *service->ready, out);
  }
}

void add_reports(const CommandWork& work, Lines& out) {
  if (!work.reports) return;
  out.add_list("report", work.reports->junit);
  out.add_list("quarantine", work.reports->quarantine);
  if (work.reports->coverage) out.add("coverage report", "", work.reports->coverage->path);
}

void add_work(const CommandWork& work, Lines& out) {
  out.add_list("command", work.run);
  out.add_list("shell", work.shell);
  out.add("work directory", "", work.workdir);
  for (const std::string& secret :
       std::set<std::string>(work.secrets.begin(), work.secrets.end())) {
    out.add("secret", secret, "");
  }
  out.add_list("output", work.outputs);
  for (const model::ArtifactSpec& artifact : work.artifacts) {
    std::size_t place = 0;
    for (const std::string& path : artifact.paths) {
      out.add("artifact", artifact.name + ' ' + std::to_string(++place), path);
    }
  }
  add_sandbox(work.sandbox, out);
}

}  // namespace

Result<std::optional<ResultManifest>> result_manifest(const Plan& plan, const Job& job,
                                                      const ResultKeyInput& input) {
  const auto* work = std::get_if<CommandWork>(&plan.stage_of(job).work);
  if (work == nullptr || work->inputs.empty() || differs_each_time(*work)) return std::nullopt;
  Lines out;
  out.add("version of pipeline", "", std::string(kVersion));
  add_work(*work, out);
  add_services(plan.services_of(job), out);
  for (const auto& [name, value] : job.env) out.add("variable", name, value);
  PIPELINE_TRY(add_files(*work, input.files, out));
  for (const auto& [name, digest] : input.tools) out.add("tool", name, digest);
  std::size_t place = 0;
  for (const base::Digest& layer : input.layers) {
    out.add(kLayerLine, std::to_string(++place), layer.hex());
  }
  for (const auto& [name, digest] : input.artifacts) {
    out.add(kArtifactLine, name, digest.hex());
  }
  add_reports(*work, out);
  return std::move(out).take();
}

}  // namespace pipeline::plan
