#include "runner/engine/local_workbench.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>

#include "pipelines/base/glob.h"
#include "runner/engine/stored_plan.h"
#include "stages/host/file.h"
#include "stages/host/find_program.h"
#include "stages/host/hash.h"

namespace pipeline::engine {

using base::Result;

Result<std::filesystem::path> LocalWorkbench::log_directory(run::RunId run, const std::string& job,
                                                            std::uint32_t attempt) {
  std::filesystem::path directory = paths_.job(run, job, attempt);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return base::fail(base::Error::from_errno(error.value(), "make " + directory.string())
                          .hint("check the owner and the free space of " + paths_.root().string()));
  }
  return directory;
}

Result<> LocalWorkbench::list_files(const run::RunSpec& spec) {
  if (files_) return {};
  PIPELINE_ASSIGN(auto entries, source_.list_files(revision_of(spec), ""));
  files_.emplace();
  for (source::Source::TreeEntry& entry : entries) {
    files_->push_back({std::move(entry.path), std::move(entry.id), entry.mode});
  }
  return {};
}

Result<std::optional<Workbench::ResultKey>> LocalWorkbench::result_key(const run::RunSpec& spec,
                                                                       const plan::Plan& plan,
                                                                       const plan::Job& job,
                                                                       plan::ResultKeyInput input) {
  PIPELINE_TRY(list_files(spec));
  input.files = *files_;
  input.tools = versions_of(plan, job);
  PIPELINE_ASSIGN(auto manifest, plan::result_manifest(plan, job, input));
  if (!manifest) return std::nullopt;
  const base::Digest digest = host::sha256(plan::to_text(*manifest));
  return ResultKey{digest, *std::move(manifest)};
}

// A program is told from its other versions by its bytes: that needs no run of it, and no two
// programs agree on how a version is asked for.
std::map<std::string, std::string> LocalWorkbench::versions_of(const plan::Plan& plan,
                                                               const plan::Job& job) {
  std::map<std::string, std::string> versions;
  const auto* work = std::get_if<model::CommandWork>(&plan.stage_of(job).work);
  if (work == nullptr) return versions;
  const auto path = job.env.find("PATH");
  for (const std::string& tool : work->tools) {
    const auto program =
        host::find_program(tool, path == job.env.end() ? host::kDefaultPath : path->second);
    if (!program) {
      versions[tool] = "not on this machine";
      continue;
    }
    std::string& version = versions_[*program];
    if (version.empty()) {
      const auto file = host::open_file(*program, O_RDONLY);
      const auto digest = file ? host::sha256_of(file->get()) : base::fail(file.error());
      version = digest ? digest->hex() : "cannot be read";
    }
    versions[tool] = version;
  }
  return versions;
}

std::filesystem::path LocalWorkbench::last_success_of(const run::RunSpec& spec,
                                                      const std::string& job) const {
  const std::string name = spec.repository + '\0' + spec.pipeline + '\0' + job;
  return paths_.last_successes() / host::sha256(name).hex();
}

void LocalWorkbench::remember(const run::RunSpec& spec, const std::string& job,
                              const LastSuccess& success) {
  const std::filesystem::path file = last_success_of(spec, job);
  const std::string text = std::to_string(success.run) + "\n" + plan::to_text(success.manifest);
  // A result that is used again and again is remembered already.
  if (const auto known = host::read_file(file); known && *known == text) return;
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  // Without it the next plan says less, and that is all.
  (void)host::write_file(file, text, host::Durability::cached);
}

std::optional<Workbench::LastSuccess> LocalWorkbench::recall(const run::RunSpec& spec,
                                                             const std::string& job) {
  const auto text = host::read_file(last_success_of(spec, job));
  if (!text) return std::nullopt;
  const std::size_t line = text->find('\n');
  LastSuccess success;
  const char* const end = text->data() + std::min(line, text->size());
  if (std::from_chars(text->data(), end, success.run).ptr != end || line == std::string::npos) {
    return std::nullopt;
  }
  auto manifest = plan::manifest_from(std::string_view(*text).substr(line + 1));
  if (!manifest) return std::nullopt;
  success.manifest = *std::move(manifest);
  return success;
}

Result<std::string> LocalWorkbench::files_digest(const run::RunSpec& spec,
                                                 const std::string& glob) {
  PIPELINE_TRY(list_files(spec));
  PIPELINE_ASSIGN(const base::Glob pattern, base::Glob::compile(glob));
  host::Sha256 digest;
  for (const plan::TreeFile& file : *files_) {
    if (pattern.matches(file.path)) digest.update(file.path + '\0' + file.id + '\0');
  }
  return digest.finish().short_hex();
}

bool LocalWorkbench::is_available(const store::CachedResult& result) {
  if (result.outputs && !has_layer_(*result.outputs)) return false;
  return std::ranges::all_of(result.artifacts, [&](const run::ProducedArtifact& artifact) {
    return has_artifact_(artifact.digest);
  });
}

}  // namespace pipeline::engine
