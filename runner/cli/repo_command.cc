// pipeline repo add, list and remove.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace json = boost::json;

Outcome execute(const RepoAddOptions& options, Context& context) {
  PIPELINE_ASSIGN(const auto settings, settings_of(options.server));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  json::object body{{"name", options.name}};
  if (options.url) body["url"] = *options.url;
  PIPELINE_TRY(client.post("/repositories", body));
  context.console.out.write(options.url ? options.name + " is known\n"
                                        : options.name + " is hosted: git push " +
                                              settings.server.to_text() + "/git/" + options.name +
                                              " main, with a token as the password\n");
  return ExitCode::success;
}

Outcome execute(const RepoListOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/repositories"));
  const json::array& all = answer.at("repositories").as_array();
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const json::value& one : all) console.out.write(json::serialize(one) + "\n");
    return ExitCode::success;
  }
  render::Table table({"repository", "from"});
  for (const json::value& one : all) {
    const auto* const url = one.as_object().if_contains("url");
    table.add({{base::printable(one.at("name").as_string())},
               {url == nullptr ? "hosted here" : base::printable(url->as_string())}});
  }
  console.out.write(all.empty() ? "no repositories yet; pipeline repo add NAME makes one known\n"
                                : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

Outcome execute(const RepoRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove("/repositories/" + options.name));
  context.console.out.write(options.name + " is forgotten\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
