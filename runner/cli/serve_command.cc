// pipeline serve, pipeline agent.
#include <boost/json.hpp>

#include "runner/cli/commands.h"
#include "runner/cli/finding.h"
#include "runner/cli/kept_directory.h"
#include "runner/cli/serve_settings.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

Finding look_at_file(const std::filesystem::path& root, const std::optional<SettingsFile>& file) {
  if (!file)
    return {
        "settings", Health::good,
        "there is no " + (root / "server.toml").string() + ": everything is as it is without one"};
  const std::string path = file->path.string();
  if (file->read.settings) return {"settings", Health::good, path};
  return {"settings", Health::bad, path + " has a mistake", "it is shown above"};
}

// What a file without settings says of an address or a certificate is not known.
base::Result<std::vector<Finding>> look(const ServeOptions& options,
                                        const std::optional<SettingsFile>& file,
                                        const std::filesystem::path& root, Services& services) {
  std::vector<Finding> findings = {look_at_file(root, file)};
  if (file && !file->read.settings) return findings;
  PIPELINE_ASSIGN(const settings::ServerSettings settings, settle(options, file));
  for (Finding& finding : services.look_before_serving(settings, store::Paths(root)))
    findings.push_back(std::move(finding));
  return findings;
}

Outcome check(const ServeOptions& options, const std::optional<SettingsFile>& file,
              const std::filesystem::path& root, Context& context) {
  PIPELINE_ASSIGN(const auto findings, look(options, file, root, context.services));
  Console& console = context.console;
  if (options.format == Format::json) {
    json::object answer{{"could_start", all_work(findings)}, {"findings", to_json(findings)}};
    if (file)
      answer["diagnostics"] =
          json::parse(config::to_json(file->read.diagnostics, {{file->path.native(), file->text}}));
    console.out.write(json::serialize(answer) + "\n");
  } else {
    if (file) console.out.write(file->problems(console.out_color));
    console.out.write(render(findings, console.out_color));
  }
  return all_work(findings) ? ExitCode::success : ExitCode::wrong;
}

}  // namespace

Outcome execute(const ServeOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::filesystem::path root, kept_directory(options.data));
  PIPELINE_ASSIGN(const auto file, find_settings_file(options, root));
  if (options.check) return check(options, file, root, context);
  if (file) {
    context.console.err.write(file->problems(context.console.err_color));
    if (!file->read.settings) return ExitCode::wrong;
  }
  PIPELINE_ASSIGN(const settings::ServerSettings settings, settle(options, file));
  if (options.data) PIPELINE_TRY(context.services.use_state_directory(*options.data));
  const ServeOrder order{settings, [options, root]() -> base::Result<settings::ServerSettings> {
                           PIPELINE_ASSIGN(const auto again, find_settings_file(options, root));
                           return settle(options, again);
                         }};
  PIPELINE_TRY(context.services.serve(order));
  return ExitCode::success;
}

Outcome execute(const AgentOptions& options, Context& context) {
  if (options.data) PIPELINE_TRY(context.services.use_state_directory(*options.data));
  PIPELINE_TRY(context.services.work_as_agent(options));
  return ExitCode::success;
}

}  // namespace pipeline::cli
