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
constexpr std::string_view kVersion = "pipeline result key 3";

// Every field is its length and its bytes, every list its count first, so that no two inputs have
// one spelling.
class Writer {
 public:
  void field(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }
  void number(std::uint64_t value) { bytes_ += std::to_string(value) + ':'; }
  template <class List>
  void list(const List& items) {
    number(items.size());
    for (const auto& item : items) field(item);
  }
  void map(const std::map<std::string, std::string>& items) {
    number(items.size());
    for (const auto& [key, value] : items) {
      field(key);
      field(value);
    }
  }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

void write_sandbox(const SandboxSpec& sandbox, Writer& out) {
  out.number(sandbox.network == model::NetworkMode::host ? 1 : 0);
  out.number(sandbox.memory);
  out.field(std::to_string(sandbox.cpus));
  out.number(sandbox.processes);
  out.number(sandbox.disk);
  out.list(sandbox.readable);
}

Result<> write_files(const CommandWork& work, const std::vector<TreeFile>& files, Writer& out) {
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
  out.number(chosen.size());
  for (const TreeFile* file : chosen) {
    out.field(file->path);
    out.field(file->id);
    out.number(file->mode);
  }
  return {};
}

// How often is looked, and how long, is not what makes a result.
void write_ready(const model::ReadySpec& ready, Writer& out) {
  out.field(ready.command);
  out.number(ready.endpoint ? 1 : 0);
  if (!ready.endpoint) return;
  out.field(ready.endpoint->host);
  out.number(ready.endpoint->port);
  out.field(ready.endpoint->http_path.value_or(""));
}

void write_services(const std::vector<const model::ServiceSpec*>& services, Writer& out) {
  out.number(services.size());
  for (const model::ServiceSpec* service : services) {
    out.field(service->name);
    out.field(service->run);
    out.map(service->env);
    out.number(service->ready ? 1 : 0);
    if (service->ready) write_ready(*service->ready, out);
  }
}

// Last, and nothing without reports: such a stage keeps the key that it had before there were any.
void write_reports(const CommandWork& work, Writer& out) {
  if (!work.reports) return;
  out.list(work.reports->junit);
  out.list(work.reports->quarantine);
  out.field(work.reports->coverage ? work.reports->coverage->path : std::string());
}

void write_work(const CommandWork& work, Writer& out) {
  out.list(work.run);
  out.list(work.shell);
  out.field(work.workdir);
  out.list(std::set<std::string>(work.secrets.begin(), work.secrets.end()));
  out.list(work.outputs);
  out.number(work.artifacts.size());
  for (const model::ArtifactSpec& artifact : work.artifacts) {
    out.field(artifact.name);
    out.list(artifact.paths);
  }
  write_sandbox(work.sandbox, out);
}

}  // namespace

Result<std::optional<std::string>> result_key(const Plan& plan, const Job& job,
                                              const ResultKeyInput& input) {
  const auto* work = std::get_if<CommandWork>(&plan.stage_of(job).work);
  if (work == nullptr || work->inputs.empty() || differs_each_time(*work)) return std::nullopt;
  Writer out;
  out.field(kVersion);
  write_work(*work, out);
  write_services(plan.services_of(job), out);
  out.map(job.env);
  PIPELINE_TRY(write_files(*work, input.files, out));
  out.number(input.layers.size());
  for (const base::Digest& layer : input.layers) out.field(layer.hex());
  out.number(input.artifacts.size());
  for (const auto& [name, digest] : input.artifacts) {
    out.field(name);
    out.field(digest.hex());
  }
  write_reports(*work, out);
  return std::move(out).take();
}

}  // namespace pipeline::plan
