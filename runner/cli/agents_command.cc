// pipeline agents.
#include <boost/json.hpp>
#include <cmath>

#include "pipelines/base/duration.h"
#include "pipelines/base/size.h"
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

// "12 GiB free"; empty when the agent does not tell.
std::string size_in(const json::value& agent, const char* what, const char* which) {
  const json::value* const machine = agent.as_object().if_contains("machine");
  if (machine == nullptr) return "";
  return base::format_size(machine->at(what).at(which).to_number<std::uint64_t>());
}

std::string load_of(const json::value& agent) {
  const json::value* const machine = agent.as_object().if_contains("machine");
  if (machine == nullptr) return "";
  constexpr double kTenth = 10;
  const auto tenths = std::lround(machine->at("load").to_number<double>() * kTenth);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// What somebody should know of it, below the table.
std::string notes_of(const json::value& agent) {
  const json::object& object = agent.as_object();
  const std::string name = base::printable(object.at("name").as_string());
  std::string notes;
  if (const json::value* const reason = object.if_contains("reason");
      reason != nullptr && object.at("state").as_string() != "gone")
    notes += name + " takes no work: " + base::printable(reason->as_string()) + "\n";
  if (const json::value* const update = object.if_contains("update_to"))
    notes += name + " has version " + base::printable(object.at("version").as_string()) +
             ", the server " + base::printable(update->as_string()) + ": update it\n";
  return notes;
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
  render::Table table(
      {"agent", "state", "slots", "disk free", "memory free", "load", "heard", "labels"});
  const base::TimePoint now = context.services.clock().now();
  std::string notes;
  for (const json::value& one : all) {
    notes += notes_of(one);
    table.add({{base::printable(one.at("name").as_string())},
               {base::printable(one.at("state").as_string())},
               {std::to_string(one.at("slots").to_number<std::uint32_t>())},
               {size_in(one, "disk", "free")},
               {size_in(one, "memory", "available")},
               {load_of(one)},
               {since(one, now)},
               {base::printable(labels_of(one))}});
  }
  console.out.write(all.empty() ? "no agents yet; pipeline agent --server URL makes this machine "
                                  "one\n"
                                : table.render(console.out_color, console.out.width()) + notes);
  return ExitCode::success;
}

}  // namespace pipeline::cli
