// pipeline doctor.
#include <boost/json.hpp>

#include "runner/cli/commands.h"
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

}  // namespace

Outcome execute(const DoctorOptions& options, Context& context) {
  const auto capabilities = sandbox::probe_capabilities();
  context.console.out.write(options.format == Format::json ? json_of(capabilities) + "\n"
                                                           : sandbox::render(capabilities));
  return sandbox::can_isolate(capabilities) ? ExitCode::success : ExitCode::errored;
}

}  // namespace pipeline::cli
