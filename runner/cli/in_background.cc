#include "runner/cli/in_background.h"

namespace pipeline::cli {

namespace {

std::string how_to_come_back(run::RunId id, Format format) {
  const std::string run = std::to_string(id);
  if (format == Format::json) return R"({"run":)" + run + "}\n";
  return "run " + run + " goes on without this terminal\npipeline attach " + run +
         " follows it to its end, pipeline cancel " + run + " stops it\n";
}

}  // namespace

Outcome work_in_background(const Work& work, Format format, Context& context) {
  PIPELINE_ASSIGN(const auto detachment, Detachment::split());
  if (!detachment->stays()) return work(detachment.get());
  const auto other = detachment->wait();
  if (const auto* ended = std::get_if<ExitCode>(&other)) return *ended;
  context.console.out.write(how_to_come_back(std::get<run::RunId>(other), format));
  return ExitCode::success;
}

}  // namespace pipeline::cli
