// pipeline repo add, set, list, remove, protect and unprotect.
#include <unistd.h>

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/secret_input.h"
#include "runner/cli/server_client.h"
#include "runner/forge/forge.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace json = boost::json;

namespace {

// A member that is a text; empty when there is none.
std::string text_of(const json::value& object, std::string_view name) {
  const auto* const value = object.as_object().if_contains(name);
  return value == nullptr ? std::string() : base::printable(value->as_string());
}

// What to enter at the forge; the secret is not shown again.
std::string describe_webhook(const json::value& added, const std::string& server) {
  const json::value& webhook = added.at("webhook");
  const auto forge = forge::forge_of(text_of(added, "forge"));
  const bool is_gitlab = forge == forge::Forge::gitlab;
  std::string text = "its webhook at ";
  text += forge ? forge::title_of(*forge) : "its forge";
  text += ", with a secret that is shown this once:\n  URL           " + server +
          text_of(webhook, "path") + "\n";
  if (!is_gitlab) text += "  content type  application/json\n";
  text += (is_gitlab ? "  secret token  " : "  secret        ") + text_of(webhook, "secret") + "\n";
  text += is_gitlab ? "  triggers      push, tag push and merge request events\n"
                    : "  events        pushes and pull requests\n";
  return text;
}

// How the server learns of pushes to one that is elsewhere; empty: not at all.
std::string describe_tidings(const json::value& repository) {
  std::vector<std::string> ways;
  if (const std::string forge = text_of(repository, "forge"); !forge.empty())
    ways.push_back("webhooks of " + forge);
  if (const std::string poll = text_of(repository, "poll"); !poll.empty())
    ways.push_back("a look every " + poll);
  return base::join(ways, " and ");
}

bool is_true(const json::value& object, std::string_view name) {
  const auto* const value = object.as_object().if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// How the world learns of its runs.
std::string describe_telling(const json::value& repository) {
  const std::string name = text_of(repository, "name");
  std::string told;
  if (const std::string forge = text_of(repository, "forge"); !forge.empty()) {
    told = name +
           (is_true(repository, "has_api_token")
                ? ": its commits' statuses go to " + text_of(repository, "api_url")
                : std::string(": no commit has a status, for want of a token")) +
           "\n";
  }
  return told + name + ": badges and /cctray.xml are for " +
         (is_true(repository, "public_status") ? "everybody" : "tokens that may read") + "\n";
}

// "main (waits for its pipeline), release/*"; empty: no branch is protected.
std::string describe_protections(const json::value& repository) {
  const auto* const all = repository.as_object().if_contains("protections");
  std::vector<std::string> told;
  for (const json::value& one : all == nullptr ? json::array() : all->as_array())
    told.push_back(text_of(one, "branches") +
                   (is_true(one, "wait_for_pipeline") ? " (waits for its pipeline)" : ""));
  return base::join(told, ", ");
}

// Of a forge; "-" is standard input.
base::Result<std::string> token_in(const std::filesystem::path& file, render::Output& prompts) {
  if (file == "-") return read_secret(STDIN_FILENO, "the token", prompts);
  constexpr std::size_t kLongest = 4096;
  PIPELINE_ASSIGN(const std::string text, host::read_file(file, kLongest));
  return std::string(base::trim(text));
}

std::string protections_path(const std::string& repository) {
  return "/repositories/" + http_client::escaped(repository) + "/protections";
}

std::string describe_added(const json::value& added, const std::string& server) {
  const std::string name = text_of(added, "name");
  if (text_of(added, "url").empty())
    return name + " is hosted: git push " + server + "/git/" + name +
           " main, with a token as the password\n";
  const std::string ways = describe_tidings(added);
  std::string told = name + " is known; ";
  told += ways.empty() ? "no push starts runs" : "the server learns of pushes by " + ways;
  told += '\n';
  if (added.as_object().contains("webhook")) told += describe_webhook(added, server);
  return told;
}

}  // namespace

Outcome execute(const RepoAddOptions& options, Context& context) {
  PIPELINE_ASSIGN(const auto settings, settings_of(options.server));
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  json::object body{{"name", options.name}};
  if (options.url) body["url"] = *options.url;
  if (options.forge) body["forge"] = *options.forge;
  if (options.poll) body["poll"] = *options.poll;
  if (options.fork_pull_requests) body["fork_pull_requests"] = *options.fork_pull_requests;
  PIPELINE_ASSIGN(const json::value added, client.post("/repositories", body));
  context.console.out.write(describe_added(added, settings.server.to_text()));
  return ExitCode::success;
}

Outcome execute(const RepoSetOptions& options, Context& context) {
  json::object body;
  if (options.api_token_file) {
    PIPELINE_ASSIGN(body["api_token"], token_in(*options.api_token_file, context.console.out));
  }
  if (options.api_url) body["api_url"] = *options.api_url;
  if (options.public_status) body["public_status"] = *options.public_status;
  if (body.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "nothing is to be set")
                          .hint("say --api-token-file, --api-url or --public-status"));
  }
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_ASSIGN(const json::value set, client.post("/repositories/" + options.name, body));
  context.console.out.write(describe_telling(set));
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
  render::Table table({"repository", "from", "learns of pushes by", "protected"});
  for (const json::value& one : all) {
    const std::string url = text_of(one, "url");
    table.add({{text_of(one, "name")},
               {url.empty() ? "hosted here" : url},
               {url.empty() ? "the push" : describe_tidings(one)},
               {describe_protections(one)}});
  }
  console.out.write(all.empty() ? "no repositories yet; pipeline repo add NAME makes one known\n"
                                : table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

Outcome execute(const RepoProtectOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  const json::object body{{"branches", options.branches},
                          {"wait_for_pipeline", options.wait_for_pipeline},
                          {"allow_force", options.allow_force},
                          {"role", options.role}};
  PIPELINE_TRY(client.post(protections_path(options.name), body));
  std::string told = options.branches + " of " + options.name + " is protected: ";
  told += options.role + "s and above push to it";
  if (!options.allow_force) told += ", by fast-forwards alone";
  if (options.wait_for_pipeline) told += ", and it moves when the pipeline has succeeded";
  context.console.out.write(told + "\n");
  return ExitCode::success;
}

Outcome execute(const RepoUnprotectOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove(protections_path(options.name) +
                             "?branches=" + http_client::escaped(options.branches)));
  context.console.out.write(options.branches + " of " + options.name + " is not protected\n");
  return ExitCode::success;
}

Outcome execute(const RepoRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(options.server));
  PIPELINE_TRY(client.remove("/repositories/" + options.name));
  context.console.out.write(options.name + " is forgotten\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
