#include "pipelines/config/reader.h"

#include <utility>

#include "pipelines/config/problems.h"
#include "pipelines/config/rules.h"
#include "pipelines/config/tables.h"
#include "pipelines/config/toml_document.h"

namespace pipeline::config {

namespace {

void check_rules(const Draft& draft, Problems& problems) {
  check_stages(draft, problems);
  check_environments(draft, problems);
  check_deployments(draft, problems);
  if (check_graph(draft, problems)) check_artifacts(draft, problems);
}

}  // namespace

ReadResult read_pipeline(std::string_view text) {
  Problems problems;
  Draft draft;
  if (const auto root = parse_toml(text, problems)) {
    pipeline_table().read(*root, draft, problems);
    check_rules(draft, problems);
  }
  ReadResult result;
  if (!problems.has_errors()) result.pipeline = std::move(draft.pipeline);
  result.diagnostics = std::move(problems).take();
  return result;
}

}  // namespace pipeline::config
