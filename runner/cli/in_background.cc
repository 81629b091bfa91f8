#include "runner/cli/in_background.h"

#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

std::string how_to_come_back(run::RunId id, Format format) {
  const std::string run = std::to_string(id);
  if (format == Format::json) return R"({"run":)" + run + "}\n";
  const render::CommandPlace commands = commands_here();
  return "run " + run + " goes on without this terminal\n" + commands.command("attach", run) +
         " follows it to its end, " + commands.command("cancel", run) + " stops it\n";
}

}  // namespace

Outcome work_here_or_in_background(bool detach, const SecretOptions& secrets, Format format,
                                   Context& context, const Work& work) {
  // Before there may be two processes: neither keeps them in its environment.
  PIPELINE_ASSIGN(auto sources, SecretSources::open(secrets, context));
  if (!detach) return work(std::move(sources), nullptr);
  PIPELINE_ASSIGN(const auto detachment, Detachment::split());
  if (!detachment->stays()) return work(std::move(sources), detachment.get());
  const auto other = detachment->wait();
  if (const auto* ended = std::get_if<ExitCode>(&other)) return *ended;
  context.console.out.write(how_to_come_back(std::get<run::RunId>(other), format));
  return ExitCode::success;
}

}  // namespace pipeline::cli
