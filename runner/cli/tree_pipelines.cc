#include "runner/cli/tree_pipelines.h"

#include "runner/cli/discovery.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

base::Result<std::vector<std::string>> pipeline_files_in(source::Source& source,
                                                         const source::Revision& revision) {
  std::vector<std::string> files;
  // One that cannot be read is there all the same, and says why when it is read.
  const auto root = source.read_file(revision, kRootPipeline);
  if (root || root.error().kind() != base::ErrorKind::not_found) files.emplace_back(kRootPipeline);
  PIPELINE_ASSIGN(const auto entries, source.list_files(revision, kPipelineFolder));
  for (const auto& entry : entries) files.push_back(entry.path);
  return pipeline_files(files);
}

base::Result<PipelineText> read_from(source::Source& source, const source::Revision& revision,
                                     const std::string& file) {
  PIPELINE_ASSIGN(std::string text, of_a_name(source.read_file(revision, file)));
  return PipelineText{file, std::move(text)};
}

base::Result<PipelineLookup> lookup_in(Services& services, const source::Revision& revision) {
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  PIPELINE_ASSIGN(auto environments, services.server_environments(revision.repository));
  return lookup_in(*source, revision, std::move(environments));
}

PipelineLookup lookup_in(source::Source& source, const source::Revision& revision,
                         config::ServerEnvironments environments) {
  return {.find = [&source,
                   revision](const std::optional<std::string>& name) -> base::Result<PipelineText> {
            PIPELINE_ASSIGN(const auto files, pipeline_files_in(source, revision));
            PIPELINE_ASSIGN(const std::string file, choose_pipeline(files, name));
            return read_from(source, revision, file);
          },
          .beside = {
              .included = [&source, revision](
                              const std::string& path) { return source.read_file(revision, path); },
              .environments = std::move(environments)}};
}

}  // namespace pipeline::cli
