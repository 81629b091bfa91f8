#include "runner/cli/run_place.h"

#include <cstdlib>

#include "runner/cli/local_runs.h"
#include "runner/cli/run_names.h"
#include "runner/cli/server_client.h"
#include "runner/cli/server_runs.h"
#include "runner/cli/user_mistake.h"

namespace pipeline::cli {

namespace {

// A look at files costs next to nothing, one at a server a call.
constexpr std::chrono::milliseconds kPatienceHere{100};
constexpr std::chrono::milliseconds kPatienceWithServers{500};

}  // namespace

bool is_of_server(const ServerChoice& choice) {
  return choice.url || (!choice.local && is_server_usual());
}

render::CommandPlace commands_here() {
  return render::CommandPlace(is_server_usual() ? "--local" : "");
}

render::CommandPlace commands_of(const ServerChoice& choice) {
  if (!is_of_server(choice)) return commands_here();
  std::string options;
  const auto add = [&options](const char* name, const std::string& value) {
    options += (options.empty() ? "" : " ") + std::string(name) + " " + value;
  };
  if (choice.url) add("--server", *choice.url);
  if (choice.token_file) add("--token-file", choice.token_file->string());
  if (choice.authority_file) add("--ca-file", choice.authority_file->string());
  return render::CommandPlace(options);
}

base::Result<RunPlace> open_run_place(const ServerChoice& choice, const Context& context) {
  if (!is_of_server(choice)) {
    PIPELINE_ASSIGN(auto runs, local_runs(context.services));
    return RunPlace{std::move(runs), commands_of(choice), repository_at(context.directory),
                    kPatienceHere};
  }
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(choice));
  return RunPlace{server_runs(std::move(client)), commands_of(choice), std::nullopt,
                  kPatienceWithServers};
}

base::Result<engine::StoredRun> load_run(RunReader& runs, run::RunId id) {
  PIPELINE_ASSIGN(auto events, of_a_name(runs.events(id, 0)));
  return engine::stored_run(id, std::move(events));
}

}  // namespace pipeline::cli
