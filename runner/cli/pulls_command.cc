// pipeline pulls.
#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using http_client::escaped;

constexpr std::size_t kShortCommit = 12;

std::string text_of(const json::value& pull, std::string_view member) {
  return base::printable(pull.at(member).as_string());
}

// The commit that waits now: what is decided on is what whoever decides can have seen.
Result<std::string> waiting_commit(ServerClient& client, const PullsDecideOptions& options) {
  PIPELINE_ASSIGN(const json::value answer, client.get("/pull-requests"));
  for (const json::value& pull : answer.at("pull_requests").as_array())
    if (std::string_view(pull.at("repository").as_string()) == options.repository &&
        pull.at("number").to_number<std::uint64_t>() == options.number)
      return std::string(pull.at("commit").as_string());
  return base::fail(Error(ErrorKind::invalid, "pull request " + std::to_string(options.number) +
                                                  " of " + base::printable(options.repository) +
                                                  " does not wait")
                        .hint("pipeline pulls lists those that do"));
}

}  // namespace

Outcome execute(const PullsListOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value answer, client.get("/pull-requests"));
  const json::array& pulls = answer.at("pull_requests").as_array();
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const json::value& pull : pulls) console.out.write(json::serialize(pull) + "\n");
    return ExitCode::success;
  }
  if (pulls.empty()) {
    console.out.write("no pull request waits for approval\n");
    return ExitCode::success;
  }
  render::Table table({"repository", "number", "to", "commit"});
  for (const json::value& pull : pulls)
    table.add({{text_of(pull, "repository")},
               {std::to_string(pull.at("number").to_number<std::uint64_t>())},
               {text_of(pull, "target")},
               {text_of(pull, "commit")}});
  console.out.write(table.render(console.out_color, 0));  // a commit cut short is of no use
  return ExitCode::success;
}

Outcome execute(const PullsDecideOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const std::string commit, waiting_commit(client, options));
  const std::string number = std::to_string(options.number);
  PIPELINE_TRY(client.post("/repositories/" + escaped(options.repository) + "/pull-requests/" +
                               number + (options.approve ? "/approve" : "/reject"),
                           json::object{{"commit", commit}}));
  const std::string what = "pull request " + number + " of " + base::printable(options.repository) +
                           " at " + base::printable(commit.substr(0, kShortCommit));
  context.console.out.write(options.approve ? what + " is approved: its runs begin\n"
                                            : what + " is turned away: it does not run\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
