// The workbench of a run on this machine: the state directory, and git for the files of the tree.
#pragma once

#include <functional>

#include "runner/engine/workbench.h"
#include "runner/store/paths.h"
#include "stages/source/source.h"

namespace pipeline::engine {

class LocalWorkbench final : public Workbench {
 public:
  // Borrows `source`. `has_artifact` asks the artifact store, which knows what it keeps where.
  using HasArtifact = std::function<bool(const base::Digest&)>;
  using HasLayer = std::function<bool(const base::Digest&)>;
  LocalWorkbench(store::Paths paths, source::Source& source, HasLayer has_layer,
                 HasArtifact has_artifact)
      : paths_(std::move(paths)),
        source_(source),
        has_layer_(std::move(has_layer)),
        has_artifact_(std::move(has_artifact)) {}

  base::Result<std::filesystem::path> log_directory(run::RunId run, const std::string& job,
                                                    std::uint32_t attempt) override;
  base::Result<std::optional<ResultKey>> result_key(const run::RunSpec& spec,
                                                    const plan::Plan& plan, const plan::Job& job,
                                                    plan::ResultKeyInput input) override;
  void remember(const run::RunSpec& spec, const std::string& job,
                const LastSuccess& success) override;
  std::optional<LastSuccess> recall(const run::RunSpec& spec, const std::string& job) override;
  base::Result<std::string> files_digest(const run::RunSpec& spec,
                                         const std::string& glob) override;
  bool is_available(const store::CachedResult& result) override;

 private:
  base::Result<> list_files(const run::RunSpec& spec);
  std::filesystem::path last_success_of(const run::RunSpec& spec, const std::string& job) const;
  std::map<std::string, std::string> versions_of(const plan::Plan& plan, const plan::Job& job);

  store::Paths paths_;
  source::Source& source_;
  HasLayer has_layer_;
  HasArtifact has_artifact_;
  std::optional<std::vector<plan::TreeFile>> files_;       // of the run's tree, listed once
  std::map<std::filesystem::path, std::string> versions_;  // of tools that were looked at
};

}  // namespace pipeline::engine
