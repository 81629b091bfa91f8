// pipeline notices.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& notice, std::string_view member) {
  const auto* const value = notice.as_object().if_contains(member);
  return value == nullptr ? std::string() : base::printable(value->as_string());
}

// "2026-11-29T18:24:51Z": a person needs no more of it.
std::string time_of(const json::value& notice, std::string_view member) {
  constexpr std::size_t kSeconds = 19;
  return text_of(notice, member).substr(0, kSeconds) + "Z";
}

render::Cell state_of(const json::value& notice) {
  const std::string state = text_of(notice, "state");
  if (state == "sent") return {state, render::Tint::good};
  if (state == "failed") return {state, render::Tint::bad};
  const bool is_tried = notice.at("tries").to_number<unsigned>() > 0;
  return {is_tried ? "again at " + time_of(notice, "next_try_at") : state};
}

}  // namespace

Outcome execute(const NoticesOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  std::string path = "/notices?limit=" + std::to_string(options.limit);
  if (options.state) path += "&state=" + *options.state;
  PIPELINE_ASSIGN(const json::value answer, client.get(path));
  const json::array& all = answer.at("notices").as_array();
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const json::value& notice : all) console.out.write(json::serialize(notice) + "\n");
    return ExitCode::success;
  }
  render::Table table({"made", "to", "what", "", "trouble"});
  for (const json::value& notice : all) {
    table.add({{time_of(notice, "made_at")},
               {text_of(notice, "channel") + " " + text_of(notice, "receiver")},
               {text_of(notice, "summary")},
               state_of(notice),
               {text_of(notice, "trouble")}});
  }
  console.out.write(all.empty() ? "nobody was told of anything yet\n"
                                : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
