// pipeline agents.
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

std::string labels_of(const json::value& agent) {
  std::vector<std::string> labels;
  for (const json::value& label : agent.at("labels").as_array())
    labels.emplace_back(label.as_string());
  return base::join(labels, ", ");
}

std::string since(const json::value& agent, base::TimePoint now) {
  const auto at = base::parse_timestamp(agent.at("heard_at").as_string());
  if (!at) return "";
  return base::format_elapsed(std::chrono::duration_cast<base::Duration>(now - *at)) + " ago";
}

}  // namespace

Outcome execute(const AgentsOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/agents"));
  Console& console = context.console;
  const json::array& all = answer.at("agents").as_array();
  if (options.format == Format::json) {
    for (const json::value& one : all) console.out.write(json::serialize(one) + "\n");
    return ExitCode::success;
  }
  render::Table table({"agent", "state", "slots", "heard", "labels"});
  const base::TimePoint now = context.services.clock().now();
  for (const json::value& one : all) {
    table.add({{base::printable(one.at("name").as_string())},
               {base::printable(one.at("state").as_string())},
               {std::to_string(one.at("slots").to_number<std::uint32_t>())},
               {since(one, now)},
               {base::printable(labels_of(one))}});
  }
  console.out.write(all.empty() ? "no agents yet; pipeline agent --server URL makes this machine "
                                  "one\n"
                                : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
