// pipeline graph.
#include "pipelines/plan/render.h"
#include "runner/cli/commands.h"
#include "runner/cli/working_folder.h"

namespace pipeline::cli {

Outcome execute(const GraphOptions& options, Context& context) {
  const WorkingFolder folder(context.directory);
  PIPELINE_ASSIGN(const PipelineText source, folder.read_chosen(options.pipeline));
  PIPELINE_ASSIGN(const config::ReadResult read,
                  parse_pipeline(source, folder.lookup(), context.console));
  const model::Pipeline& pipeline = *read.pipeline;
  if (options.dot) {
    context.console.out.write(plan::render_dot(pipeline));
  } else if (options.format == Format::json) {
    context.console.out.write(plan::graph_json(pipeline));
  } else {
    context.console.out.write(plan::render_graph(pipeline));
  }
  return ExitCode::success;
}

}  // namespace pipeline::cli
