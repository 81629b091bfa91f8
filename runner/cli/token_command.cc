// pipeline token add, list and remove.
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

// Empty when there are none.
std::string list_of(const json::value& token, std::string_view member) {
  const auto* const list = token.as_object().if_contains(member);
  if (list == nullptr) return "";
  std::vector<std::string> words;
  for (const json::value& word : list->as_array()) words.emplace_back(word.as_string());
  return base::join(words, ", ");
}

// Empty when it has none.
std::string text_of(const json::value& token, std::string_view member) {
  const auto* const value = token.as_object().if_contains(member);
  return value == nullptr ? "" : base::printable(value->as_string());
}

}  // namespace

Outcome execute(const TokenAddOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  const json::array scopes(options.scopes.begin(), options.scopes.end());
  json::object body{{"name", options.name}, {"scopes", scopes}};
  if (options.user) body["user"] = *options.user;
  if (!options.labels.empty())
    body["labels"] = json::array(options.labels.begin(), options.labels.end());
  PIPELINE_ASSIGN(const json::value made, client.post("/tokens", body));
  // Alone on its line, so that it can go into a file; nobody is shown it again.
  context.console.out.write(std::string(made.at("token").as_string()) + "\n");
  return ExitCode::success;
}

Outcome execute(const TokenListOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/tokens"));
  Console& console = context.console;
  render::Table table({"token", "of", "may", "labels", "since", "until"});
  for (const json::value& one : answer.at("tokens").as_array()) {
    if (options.format == Format::json) {
      console.out.write(json::serialize(one) + "\n");
      continue;
    }
    table.add({{base::printable(one.at("name").as_string())},
               {text_of(one, "user")},
               {base::printable(list_of(one, "scopes"))},
               {base::printable(list_of(one, "labels"))},
               {text_of(one, "created_at")},
               {text_of(one, "expires_at")}});
  }
  if (options.format == Format::text)
    console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

Outcome execute(const TokenRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove("/tokens/" + options.name));
  context.console.out.write(options.name + " is revoked\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
