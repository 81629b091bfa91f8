#include "runner/engine/local_workbench.h"

#include <algorithm>

#include "pipelines/base/glob.h"
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
  source::Revision revision;
  revision.repository = spec.repository;
  revision.commit = spec.facts.commit;
  revision.tree = spec.facts.tree;
  PIPELINE_ASSIGN(auto entries, source_.list_files(revision, ""));
  files_.emplace();
  for (source::Source::TreeEntry& entry : entries) {
    files_->push_back({std::move(entry.path), std::move(entry.id), entry.mode});
  }
  return {};
}

Result<std::optional<base::Digest>> LocalWorkbench::result_key(const run::RunSpec& spec,
                                                               const plan::Plan& plan,
                                                               const plan::Job& job,
                                                               plan::ResultKeyInput input) {
  PIPELINE_TRY(list_files(spec));
  input.files = *files_;
  PIPELINE_ASSIGN(const std::optional<std::string> key, plan::result_key(plan, job, input));
  if (!key) return std::nullopt;
  return host::sha256(*key);
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
