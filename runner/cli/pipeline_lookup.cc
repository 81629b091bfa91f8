#include "runner/cli/pipeline_lookup.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pipelines/base/text.h"
#include "pipelines/plan/params.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using model::ChildWork;

class ChildCheck {
 public:
  ChildCheck(std::string file, const PipelineLookup& lookup)
      : lookup_(lookup), chain_{std::move(file)} {}

  // `stage` runs `work`.
  Result<> check(const model::Stage& stage, const ChildWork& work) {
    PIPELINE_ASSIGN(const PipelineText source, lookup_.find(work.pipeline));
    const auto above = std::ranges::find(chain_, source.file);
    if (above != chain_.end()) {
      std::vector<std::string> circle(above, chain_.end());
      circle.push_back(source.file);
      return base::fail(Error(ErrorKind::invalid, "pipelines would run each other in a circle")
                            .hint(base::join(circle, " → ")));
    }
    const config::ReadResult read = config::read_pipeline(source.text, lookup_.beside);
    if (!read.pipeline) {
      return base::fail(Error(ErrorKind::invalid, source.file + " is not valid")
                            .hint("pipeline check " + source.file + " says why"));
    }
    PIPELINE_TRY(plan::resolve_params(read.pipeline->params, work.params));
    if (stage.lock) locks_.push_back(*stage.lock);
    // Reached a second time, another way, it has the same children.
    if (!good_.contains({source.file, locks_})) {
      PIPELINE_TRY(check_below(source.file, *read.pipeline));
    }
    good_.insert({source.file, locks_});
    if (stage.lock) locks_.pop_back();
    return {};
  }

 private:
  Result<> check_below(const std::string& file, const model::Pipeline& pipeline) {
    chain_.push_back(file);
    for (const model::Stage& stage : pipeline.stages) {
      if (stage.lock && std::ranges::find(locks_, *stage.lock) != locks_.end()) {
        return base::fail(Error(ErrorKind::invalid, "stage " + stage.name + " of " + file +
                                                        " would wait for lock " + *stage.lock +
                                                        ", which is held while it runs")
                              .hint("take the lock in one of the two"));
      }
      const auto* work = std::get_if<ChildWork>(&stage.work);
      if (work != nullptr) PIPELINE_TRY(check(stage, *work));
    }
    chain_.pop_back();
    return {};
  }

  const PipelineLookup& lookup_;
  std::vector<std::string> chain_;                                   // files, outermost first
  std::vector<std::string> locks_;                                   // held by the stages above
  std::set<std::pair<std::string, std::vector<std::string>>> good_;  // file and locks
};

}  // namespace

std::vector<config::Diagnostic> check_children(const std::string& file,
                                               const model::Pipeline& pipeline,
                                               const PipelineLookup& lookup) {
  std::vector<config::Diagnostic> diagnostics;
  for (const model::Stage& stage : pipeline.stages) {
    const auto* work = std::get_if<ChildWork>(&stage.work);
    if (work == nullptr) continue;
    const Result<> checked = ChildCheck(file, lookup).check(stage, *work);
    if (checked) continue;
    diagnostics.push_back({.severity = config::Severity::error,
                           .span = stage.span,
                           .message = "pipeline \"" + work->pipeline +
                                      "\" cannot run: " + checked.error().to_string(),
                           .hint = checked.error().hint()});
  }
  return diagnostics;
}

}  // namespace pipeline::cli
