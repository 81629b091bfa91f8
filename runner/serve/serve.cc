#include "runner/serve/serve.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "agents/worker/thread_pool.h"
#include "runner/cli/interrupts.h"
#include "runner/serve/admin_endpoints.h"
#include "runner/serve/push_trigger.h"
#include "runner/serve/run_endpoints.h"
#include "runner/server/agents/blob_endpoints.h"
#include "runner/server/api/router.h"
#include "runner/server/git/git_endpoints.h"
#include "runner/server/http/wire/server.h"
#include "runner/store/lease.h"
#include "runner/store/token.h"
#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::serve {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr const char* kAdmin = "admin";

Result<> make_directories(const store::Paths& paths) {
  // What an earlier server had not received to its end is nobody's.
  PIPELINE_TRY(host::remove_all(paths.uploads()));
  for (const auto& directory : {paths.repositories(), paths.exports(), paths.packed_layers(),
                                paths.uploads(), paths.artifacts()}) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
      return base::fail(base::Error::from_errno(error.value(), "make " + directory.string()));
  }
  return {};
}

// Of a new directory: somebody has to be able to make the other tokens.
Result<> make_first_token(const ServeSettings& settings, const ServeTools& tools) {
  PIPELINE_ASSIGN(const auto tokens, tools.tokens.list());
  if (!tokens.empty()) return {};
  const std::string token = store::make_token();
  // The file first: a token that nobody knows would keep the next start from making one.
  PIPELINE_TRY(
      host::write_file(settings.paths.admin_token(), token + "\n", host::Durability::synced, 0600));
  PIPELINE_TRY(
      tools.tokens.add({.name = kAdmin, .scopes = {kAdmin}, .created_at = tools.clock.now()},
                       store::digest_of_token(token)));
  tools.tell("the first token, which may do everything, is in " +
             settings.paths.admin_token().string());
  return {};
}

api::Authenticate authenticate_by(store::TokenStore& tokens, const base::Clock& clock) {
  return [&](std::string_view token) -> std::optional<api::Caller> {
    const auto entry = tokens.find(store::digest_of_token(token));
    if (!entry || !*entry) return std::nullopt;
    if ((*entry)->expires_at && *(*entry)->expires_at <= clock.now()) return std::nullopt;
    api::Caller caller{.name = (*entry)->name, .scopes = {}};
    for (const std::string& word : (*entry)->scopes)
      if (const auto scope = api::scope_of(word)) caller.scopes.insert(*scope);
    return caller;
  };
}

// Calls what has a time: leases that end, agents that have waited long enough.
class Timekeeper {
 public:
  Timekeeper(link::AgentDesk& desk, server::AgentEndpoints& agents)
      : desk_(desk), agents_(agents), thread_([this](const std::stop_token& stop) { run(stop); }) {}

 private:
  // Nothing that begins meanwhile is due sooner than that.
  static constexpr std::chrono::seconds kLook{1};

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      desk_.advance();
      agents_.advance();
      changed_.wait_for(lock, stop, kLook, [] { return false; });
    }
  }

  link::AgentDesk& desk_;
  server::AgentEndpoints& agents_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses the others
};

class RunningServer {
 public:
  RunningServer(const ServeSettings& settings, const ServeTools& tools, store::RunStore& store,
                const artifact::ArtifactStore& artifacts)
      : settings_(settings),
        tools_(tools),
        desk_(tools.clock, settings.times.lease),
        agents_(desk_, tools.clock, settings.times),
        blobs_(settings.paths.packed_layers(), settings.paths.uploads(), artifacts, *pool_),
        git_({.repositories = settings.paths.repositories(),
              .trees = settings.paths.exports(),
              .uploads = settings.paths.uploads()},
             *pool_, [this](const std::string& repository) { pushes_.look(repository); }),
        feed_(store, [this](std::function<void()> work) { http_->post(std::move(work)); }),
        runs_([this] { return tools_.make_services(desk_); },
              [this](run::RunId id) { feed_.notify(id); }),
        pushes_(
            runs_, [this] { return tools_.make_services(desk_); }, settings.paths, tools.tell),
        run_endpoints_(runs_, feed_, store, tools.repositories, settings.paths),
        admin_(tools.repositories, tools.tokens, settings.paths, tools.clock),
        router_(all_endpoints(), authenticate_by(tools.tokens, tools.clock), tools.clock),
        http_(http::Server::create(router_, {})) {}

  Result<> run() {
    // Before there is another thread, which a signal could end all of us by.
    PIPELINE_ASSIGN(const auto interrupts, cli::Interrupts::watch([this](int /*count*/) {
                      agents_.close();
                      http_->post([this] { feed_.close(); });
                      http_->stop();
                    }));
    PIPELINE_ASSIGN(const host::Address address, http_->listen(settings_.listen));
    PIPELINE_ASSIGN(const auto troubles, runs_.resume_left_over());
    for (const std::string& trouble : troubles) tools_.tell(trouble);
    PIPELINE_TRY(look_at_pushes());
    tools_.tell("listening on http://" + address.to_text());
    {
      const Timekeeper timekeeper(desk_, agents_);
      http_->run();
    }
    pool_.reset();  // whatever still answers somebody who has gone
    // Nobody is heard any more: what agents have is theirs until the next server comes.
    const std::size_t left = runs_.under_way();
    runs_.leave();
    tools_.tell(left == 0 ? "stopped"
                          : "stopped; " + std::to_string(left) +
                                (left == 1 ? " run goes" : " runs go") + " on with the next start");
    return {};
  }

 private:
  // Those that an earlier server did not come to.
  Result<> look_at_pushes() {
    PIPELINE_ASSIGN(const auto repositories, tools_.repositories.list());
    for (const store::RepositoryEntry& entry : repositories)
      if (!entry.url) pushes_.look(entry.name);
    return {};
  }

  std::vector<api::Endpoint> all_endpoints() {
    std::vector<api::Endpoint> all;
    for (auto some : {agents_.endpoints(), blobs_.endpoints(), git_.endpoints(),
                      run_endpoints_.endpoints(), admin_.endpoints()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  const ServeSettings& settings_;
  const ServeTools& tools_;
  std::unique_ptr<worker::ThreadPool> pool_ = std::make_unique<worker::ThreadPool>();
  link::AgentDesk desk_;
  server::AgentEndpoints agents_;
  server::BlobEndpoints blobs_;
  server::GitEndpoints git_;
  EventFeed feed_;
  ServedRuns runs_;
  PushTrigger pushes_;
  RunEndpoints run_endpoints_;
  AdminEndpoints admin_;
  api::Router router_;
  std::unique_ptr<http::Server> http_;
};

}  // namespace

Result<> serve(const ServeSettings& settings, const ServeTools& tools) {
  PIPELINE_ASSIGN(const auto lock, store::take_server_lock(settings.paths));
  PIPELINE_TRY(make_directories(settings.paths));
  PIPELINE_TRY(make_first_token(settings, tools));
  PIPELINE_ASSIGN(store::RunStore* const store, tools.services.runs());
  PIPELINE_ASSIGN(const artifact::ArtifactStore* const artifacts, tools.services.artifacts());
  return RunningServer(settings, tools, *store, *artifacts).run();
}

}  // namespace pipeline::serve
