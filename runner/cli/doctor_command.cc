// pipeline doctor.
#include <boost/json.hpp>

#include "runner/cli/commands.h"
#include "runner/cli/finding.h"
#include "runner/cli/kept_directory.h"
#include "runner/cli/serve_settings.h"
#include "runner/cli/server_doctor.h"
#include "stages/sandbox/capabilities.h"

namespace pipeline::cli {

namespace {

std::string_view word_for(sandbox::Support support) {
  switch (support) {
    case sandbox::Support::full:
      return "full";
    case sandbox::Support::partial:
      return "partial";
    case sandbox::Support::missing:
      return "missing";
  }
  return "missing";
}

std::string json_of(const std::vector<sandbox::Capability>& capabilities) {
  boost::json::array list;
  for (const sandbox::Capability& capability : capabilities) {
    list.push_back(boost::json::object{{"name", capability.name},
                                       {"support", std::string(word_for(capability.support))},
                                       {"found", capability.found},
                                       {"consequence", capability.consequence},
                                       {"remedy", capability.remedy}});
  }
  return boost::json::serialize(boost::json::object{
      {"isolates", sandbox::can_isolate(capabilities)}, {"capabilities", std::move(list)}});
}

Outcome tell(const std::vector<Finding>& findings, Format format, Console& console) {
  console.out.write(format == Format::json
                        ? boost::json::serialize(boost::json::object{
                              {"works", all_work(findings)}, {"findings", to_json(findings)}}) +
                              "\n"
                        : render(findings, console.out_color));
  return all_work(findings) ? ExitCode::success : ExitCode::errored;
}

// What `serve --check` would say, of the settings that the server has there.
base::Result<std::vector<Finding>> look_at_directory(const std::filesystem::path& data,
                                                     Services& services) {
  PIPELINE_ASSIGN(const store::Paths paths, existing_state(data));
  PIPELINE_ASSIGN(const auto file, find_settings_file({.data = data}, paths.root()));
  PIPELINE_ASSIGN(const settings::ServerSettings settings, settle({}, file));
  return services.look_before_serving(settings, paths);
}

}  // namespace

Outcome execute(const DoctorOptions& options, Context& context) {
  if (options.server.url) {
    PIPELINE_ASSIGN(const auto findings, look_at_server(options.server, context.services.clock()));
    return tell(findings, options.format, context.console);
  }
  if (options.data) {
    PIPELINE_ASSIGN(const auto findings, look_at_directory(*options.data, context.services));
    return tell(findings, options.format, context.console);
  }
  const auto capabilities = sandbox::probe_capabilities();
  context.console.out.write(options.format == Format::json ? json_of(capabilities) + "\n"
                                                           : sandbox::render(capabilities));
  return sandbox::can_isolate(capabilities) ? ExitCode::success : ExitCode::errored;
}

}  // namespace pipeline::cli
