// pipeline environment set, list, show and remove: what a server defines for a repository.
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/config/server_environment.h"
#include "runner/cli/commands.h"
#include "runner/cli/defined_environments.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"
#include "runner/cli/user_mistake.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Result;
using http_client::escaped;

constexpr const char* kStandardInput = "-";
constexpr std::size_t kLargest = std::size_t{1} << 20U;  // as the language takes it

Result<std::string> text_in(const std::string& file) {
  if (file == kStandardInput) return host::read_all(STDIN_FILENO, kLargest);
  return read_named_file(file);
}

// As `pipeline check` would say it of a pipeline.
Result<> check(const EnvironmentSetOptions& options, const std::string& text, Console& console) {
  const std::string file = options.file == kStandardInput ? "standard input" : options.file;
  const auto found = config::check_server_environment(options.name, text);
  if (found.empty()) return {};
  console.err.write(config::render(found, {{file, text}}, console.err_color));
  const bool is_wrong = std::ranges::any_of(
      found, [](const config::Diagnostic& one) { return one.severity == config::Severity::error; });
  if (!is_wrong) return {};
  return base::fail(
      base::Error(base::ErrorKind::invalid, file + " has mistakes, nothing was set")
          .hint("it holds one table [environment." + options.name + "], as a pipeline has it"));
}

std::string path_of(const std::string& repository, const std::string& name) {
  return environments_path(repository) + "/" + escaped(name);
}

}  // namespace

Outcome execute(const EnvironmentSetOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::string text, text_in(options.file));
  PIPELINE_TRY(check(options, text, context.console));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.post(path_of(options.repository, options.name),
                           json::object{{"text", text}, {"file", options.file}}));
  context.console.out.write(options.name + " of " + options.repository +
                            " is as the server has it from now on, whatever a branch says\n");
  return ExitCode::success;
}

Outcome execute(const EnvironmentListOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get(environments_path(options.repository)));
  const json::array& all = answer.at("environments").as_array();
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const json::value& one : all) console.out.write(json::serialize(one) + "\n");
    return ExitCode::success;
  }
  render::Table table({"environment", "set by", "at"});
  for (const json::value& one : all)
    table.add({{base::printable(one.at("environment").as_string())},
               {base::printable(one.at("set_by").as_string())},
               {base::printable(one.at("set_at").as_string())}});
  console.out.write(all.empty() ? "the server defines no environment of " + options.repository +
                                      ": they are as its branches say\n"
                                : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

Outcome execute(const EnvironmentShowOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get(path_of(options.repository, options.name)));
  std::string text(answer.at("text").as_string());
  if (options.format == Format::json) text = json::serialize(answer);
  if (!text.ends_with('\n')) text += '\n';
  context.console.out.write(text);
  return ExitCode::success;
}

Outcome execute(const EnvironmentRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove(path_of(options.repository, options.name)));
  context.console.out.write(options.name + " of " + options.repository +
                            " is as its branches say again\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
