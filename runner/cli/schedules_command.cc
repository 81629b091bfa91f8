// pipeline schedules.
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

std::string text_of(const json::value& one, std::string_view member) {
  return base::printable(one.at(member).as_string());
}

std::string until(const json::value& one, base::TimePoint now) {
  const auto at = base::parse_timestamp(one.at("next").as_string());
  if (!at) return "";
  return "in " + base::format_elapsed(std::chrono::duration_cast<base::Duration>(*at - now));
}

}  // namespace

Outcome execute(const SchedulesOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/schedules"));
  Console& console = context.console;
  const json::array& all = answer.at("schedules").as_array();
  if (options.format == Format::json) {
    for (const json::value& one : all) console.out.write(json::serialize(one) + "\n");
    return ExitCode::success;
  }
  render::Table table({"repository", "pipeline", "schedule", "cron", "next", "that is"});
  const base::TimePoint now = context.services.clock().now();
  for (const json::value& one : all) {
    table.add({{text_of(one, "repository")},
               {text_of(one, "pipeline")},
               {text_of(one, "schedule")},
               {text_of(one, "cron")},
               {text_of(one, "next_local")},
               {until(one, now)}});
  }
  console.out.write(all.empty()
                        ? "no schedules; a pipeline on a default branch has them in [triggers]\n"
                        : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
