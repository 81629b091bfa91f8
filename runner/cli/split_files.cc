#include "runner/cli/split_files.h"

#include <algorithm>

#include "pipelines/base/glob.h"
#include "pipelines/plan/split.h"
#include "runner/cli/test_recorder.h"

namespace pipeline::cli {

namespace {

using Files = std::vector<plan::SplitFile>;
using base::Result;

const std::string* divided_glob(const model::Stage& stage) {
  const auto* work = std::get_if<model::CommandWork>(&stage.work);
  if (work == nullptr || !work->split || !work->split->files) return nullptr;
  return &*work->split->files;
}

Result<Files> matching(const std::vector<source::Source::TreeEntry>& tree, const std::string& stage,
                       const std::string& glob) {
  PIPELINE_ASSIGN(const base::Glob pattern, base::Glob::compile(glob));
  Files files;
  for (const source::Source::TreeEntry& entry : tree) {
    if (pattern.matches(entry.path)) files.push_back({entry.path, std::nullopt});
  }
  if (files.empty()) {
    return base::fail(
        base::Error(base::ErrorKind::invalid,
                    "stage " + stage + ": no file of the tree matches its split's \"" + glob + '"')
            .hint("its jobs would have nothing to do; files that git ignores are not in the tree"));
  }
  std::ranges::sort(files, {}, &plan::SplitFile::path);
  return files;
}

bool is_job_of(const std::string& job, const std::string& stage) {
  return job == stage || job.starts_with(stage + '[');
}

}  // namespace

Result<std::map<std::string, Files>> split_files_of(const model::Pipeline& pipeline,
                                                    const source::Revision& revision,
                                                    Services& services) {
  std::map<std::string, Files> by_stage;
  if (std::ranges::none_of(pipeline.stages, divided_glob)) return by_stage;
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  PIPELINE_ASSIGN(const auto tree, source->list_files(revision, ""));
  PIPELINE_ASSIGN(const store::Paths* const paths, services.paths());
  PIPELINE_ASSIGN(store::TestHistory* const history, services.tests());
  PIPELINE_ASSIGN(const auto tested, history->latest(revision.repository, pipeline.name));
  for (const model::Stage& stage : pipeline.stages) {
    const std::string* const glob = divided_glob(stage);
    if (glob == nullptr) continue;
    PIPELINE_ASSIGN(Files files, matching(tree, stage.name, *glob));
    for (const store::TestedAttempt& attempt : tested) {
      if (!is_job_of(attempt.job, stage.name)) continue;
      const auto report = load_report(*paths, attempt.run, attempt.job, attempt.attempt);
      if (report) plan::note_durations(*report, files);
    }
    by_stage.emplace(stage.name, std::move(files));
  }
  return by_stage;
}

}  // namespace pipeline::cli
