#include "pipelines/config/reader.h"

#include <utility>

#include "pipelines/config/problems.h"
#include "pipelines/config/rules.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

void check_rules(const Draft& draft, Problems& problems) {
  check_stages(draft, problems);
  check_environments(draft, problems);
  check_deployments(draft, problems);
  check_triggers(draft, problems);
  if (check_graph(draft, problems)) check_artifacts(draft, problems);
}

}  // namespace

SourceTexts ReadResult::sources(std::string_view file, std::string_view text) const {
  SourceTexts texts = {{file, text}};
  for (const IncludedFile& one : included) texts.push_back({one.path, one.text});
  return texts;
}

ReadResult read_pipeline(std::string_view text, const Beside& beside) {
  Problems problems;
  Draft draft;
  ReadResult result;
  if (const auto root = compose(text, beside, result.included, problems)) {
    pipeline_table().read(*root, draft, problems);
    settle_strategies(result.included, draft, problems);
    check_rules(draft, problems);
    result.origins = origins_of(*root);
    result.environment_origins = environment_origins_of(*root);
  }
  if (!problems.has_errors()) result.pipeline = std::move(draft.pipeline);
  result.diagnostics = std::move(problems).take();
  return result;
}

}  // namespace pipeline::config
