// pipeline audit.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& entry, std::string_view member) {
  return base::printable(entry.at(member).as_string());
}

// "2026-11-29T18:24:51Z": a person needs no more of it.
std::string time_of(const json::value& entry) {
  constexpr std::size_t kSeconds = 19;
  return text_of(entry, "at").substr(0, kSeconds) + "Z";
}

render::Cell end_of(const json::value& entry) {
  constexpr unsigned kRefused = 400;
  const auto status = entry.at("status").to_number<unsigned>();
  if (status < kRefused) return {"done", render::Tint::good};
  return {"refused, " + std::to_string(status), render::Tint::bad};
}

// All of them, a page at a time: what an export is made of.
base::Result<> print_all(ServerClient& client, Console& console) {
  for (std::uint64_t after = 0;;) {
    PIPELINE_ASSIGN(const json::value answer, client.get("/audit?after=" + std::to_string(after)));
    const json::array& entries = answer.at("entries").as_array();
    if (entries.empty()) return {};
    for (const json::value& entry : entries) console.out.write(json::serialize(entry) + "\n");
    after = entries.back().at("number").to_number<std::uint64_t>();
  }
}

}  // namespace

Outcome execute(const AuditOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  Console& console = context.console;
  if (options.format == Format::json) {
    PIPELINE_TRY(print_all(client, console));
    return ExitCode::success;
  }
  PIPELINE_ASSIGN(const json::value answer,
                  client.get("/audit?tail=" + std::to_string(options.tail)));
  render::Table table({"when", "who", "what", "of it", "", "from"});
  for (const json::value& entry : answer.at("entries").as_array()) {
    table.add({{time_of(entry)},
               {text_of(entry, "who")},
               {text_of(entry, "action")},
               {text_of(entry, "detail")},
               end_of(entry),
               {text_of(entry, "peer")}});
  }
  console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
