#include "runner/engine/local_workbench.h"

#include <algorithm>

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

Result<std::optional<base::Digest>> LocalWorkbench::result_key(const run::RunSpec& spec,
                                                               const plan::Plan& plan,
                                                               const plan::Job& job,
                                                               plan::ResultKeyInput input) {
  if (!files_) {
    source::Revision revision;
    revision.repository = spec.repository;
    revision.commit = spec.facts.commit;
    revision.tree = spec.facts.tree;
    PIPELINE_ASSIGN(auto entries, source_.list_files(revision, ""));
    files_.emplace();
    for (source::Source::TreeEntry& entry : entries) {
      files_->push_back({std::move(entry.path), std::move(entry.id), entry.mode});
    }
  }
  input.files = *files_;
  PIPELINE_ASSIGN(const std::optional<std::string> key, plan::result_key(plan, job, input));
  if (!key) return std::nullopt;
  return host::sha256(*key);
}

bool LocalWorkbench::is_available(const store::CachedResult& result) {
  if (result.outputs && !has_layer_(*result.outputs)) return false;
  return std::ranges::all_of(result.artifacts, [&](const run::ProducedArtifact& artifact) {
    return has_artifact_(artifact.digest);
  });
}

}  // namespace pipeline::engine
