#include "runner/serve/serve.h"

#include <unistd.h>

#include "agents/protocol/agent_messages_json.h"
#include "agents/worker/thread_pool.h"
#include "runner/cli/help.h"
#include "runner/cli/interrupts.h"
#include "runner/serve/access.h"
#include "runner/serve/admin_endpoints.h"
#include "runner/serve/audit_log.h"
#include "runner/serve/branch_guard.h"
#include "runner/serve/callers.h"
#include "runner/serve/certificates.h"
#include "runner/serve/cleaner.h"
#include "runner/serve/decision_endpoints.h"
#include "runner/serve/deployment_endpoints.h"
#include "runner/serve/deployment_routes.h"
#include "runner/serve/doctor_endpoint.h"
#include "runner/serve/environment_endpoints.h"
#include "runner/serve/health_endpoints.h"
#include "runner/serve/hook_endpoints.h"
#include "runner/serve/log_endpoints.h"
#include "runner/serve/login_endpoints.h"
#include "runner/serve/lookout.h"
#include "runner/serve/outside.h"
#include "runner/serve/people_endpoints.h"
#include "runner/serve/protection_endpoints.h"
#include "runner/serve/pull_endpoints.h"
#include "runner/serve/ref_trigger.h"
#include "runner/serve/repository_endpoints.h"
#include "runner/serve/role_endpoints.h"
#include "runner/serve/routed_deployer.h"
#include "runner/serve/run_endpoints.h"
#include "runner/serve/schedule_endpoints.h"
#include "runner/serve/scheduled_repositories.h"
#include "runner/serve/scheduler.h"
#include "runner/serve/served_flags.h"
#include "runner/serve/settings_in_use.h"
#include "runner/serve/state_directory.h"
#include "runner/serve/status_endpoints.h"
#include "runner/serve/stream_key.h"
#include "runner/serve/succession.h"
#include "runner/serve/telling.h"
#include "runner/serve/ticker.h"
#include "runner/serve/toggle_endpoints.h"
#include "runner/serve/waiting_pushes.h"
#include "runner/server/agents/blob_endpoints.h"
#include "runner/server/agents/journal_desk.h"
#include "runner/server/api/json_call.h"
#include "runner/server/api/openapi.h"
#include "runner/server/api/router.h"
#include "runner/server/git/git_endpoints.h"
#include "runner/server/http/wire/server.h"
#include "runner/server/ofrep/ofrep_endpoints.h"
#include "runner/store/lease.h"
#include "stages/source/left_locks.h"
#include "stages/source/network_stream.h"

namespace pipeline::serve {

namespace {

using base::Result;

// Git does not hold a lock of a repository for longer.
constexpr std::chrono::minutes kLongestPush{10};
constexpr std::chrono::microseconds kLookAtCertificates = std::chrono::seconds(10);
constexpr std::chrono::microseconds kLookAtWaiting = std::chrono::seconds(10);
// Proxies end what is silent for a minute, often.
constexpr std::chrono::seconds kSilence{15};

// What the journal says of an environment; for the thread of the services.
EnvironmentAccess::OwnerOf owners_in(cli::Services& services) {
  return [&services](const deploy::EnvironmentKey& key) -> Result<std::string> {
    PIPELINE_ASSIGN(deploy::Journal* const journal, services.journal());
    return record_of(*journal, key).map([](const rollout::EnvironmentRecord& record) {
      return record.repository;
    });
  };
}

// Null when there is none.
std::unique_ptr<identity::Provider> make_provider(
    const std::optional<identity::ProviderSettings>& settings, const base::Clock& clock) {
  return settings ? std::make_unique<identity::Provider>(*settings, clock) : nullptr;
}

api::Rates rates_of(const settings::LimitSettings& limits) {
  api::Rates rates;
  rates.callers = api::RateLimit(limits.callers);
  rates.strangers = api::RateLimit(limits.strangers);
  return rates;
}

// What looks for whom a success starts; of its thread.
struct Following {
  std::unique_ptr<cli::Services> services;
  std::unique_ptr<store::RepositoryStore> repositories;
  store::RunStore* runs = nullptr;
};

Result<Following> open_following(const ServeTools& tools) {
  Following following{.services = tools.services.another(), .repositories = {}};
  PIPELINE_ASSIGN(following.runs, following.services->runs());
  PIPELINE_ASSIGN(following.repositories, tools.telling.repositories());
  return following;
}

class RunningServer {
 public:
  RunningServer(const ServeSettings& settings, const ServeTools& tools, store::RunStore& store,
                store::TestHistory& history, const artifact::ArtifactStore& artifacts,
                store::SecretVault& secrets, Telling& telling, const Outside& outside,
                const Following& following, std::string& public_url)
      : settings_(settings),
        tools_(tools),
        telling_(telling),
        public_url_(public_url),
        desk_(tools.clock, settings.server.agents.lease, settings.server.jobs.labels),
        agents_(desk_, tools.clock, settings.server.agents, cli::version(),
                {.answer_journal = [this](const api::Call& call, const auto& word,
                                          const auto& ask) { answer_journal(call, word, ask); },
                 .on_append = [this](auto run, const auto& job) { log_waits_.note(run, job); }}),
        journal_services_(tools_.make_services(desk_)),
        journal_(desk_, {.journal = [this] { return journal_services_->journal(); },
                         .settings = [this](const auto& key) -> Result<toggle::Settings> {
                           PIPELINE_ASSIGN(toggles::ToggleDesk* const toggles,
                                           journal_services_->toggles());
                           return toggles->settings(key);
                         }}),
        blobs_(settings.paths.packed_layers(), settings.paths.uploads(), artifacts, *pool_),
        git_(
            {.repositories = settings.paths.repositories(),
             .trees = settings.paths.exports(),
             .uploads = settings.paths.uploads(),
             .hooks = settings.paths.git_hooks()},
            *pool_, [this](const std::string& repository) { on_push(repository); },
            [this](const server::RefPush& push) { return guard_.answer(push); }),
        feed_(store, [this](std::function<void()> work) { http_->post(std::move(work)); }),
        succession_({.runs = runs_,
                     .services = *following.services,
                     .stored_runs = *following.runs,
                     .successes = tools.successes,
                     .repositories = *following.repositories,
                     .paths = settings.paths,
                     .clock = tools.clock,
                     .tell = tools.tell}),
        runs_([this] { return tools_.make_services(desk_); },
              [this](run::RunId id, const run::Event* event) {
                if (event != nullptr) counters_.on_event(*event);
                if (id != 0) feed_.notify(id);
                if (id != 0) telling_.note(id, event);
                if (event != nullptr) succession_.note(*event);
                if (event != nullptr) log_waits_.note(id, *event);
                if (event == nullptr) waiting_looks_.wake();
              }),
        refs_({.runs = runs_,
               .make_services = [this] { return tools_.make_services(desk_); },
               .open_pull_requests = tools.open_pull_requests,
               .paths = settings.paths,
               .tell = tools.tell}),
        waiting_({.runs = runs_,
                  .refs = refs_,
                  .make_services = [this] { return tools_.make_services(desk_); },
                  .open = tools.open_protections,
                  .paths = settings.paths,
                  .clock = tools.clock,
                  .on_move = [this](const auto& repository) { look_at_schedules(repository); },
                  .tell = tools.tell}),
        guard_({.open = tools.open_protections,
                .waiting = waiting_,
                .paths = settings.paths,
                .server = [this] { return public_url_; }}),
        lookout_(std::make_unique<Lookout>(
            [this](const store::RepositoryEntry& repository) { return look_elsewhere(repository); },
            tools.clock, tools.tell)),
        scheduler_services_(tools_.make_services(desk_)),
        scheduled_(runs_, *scheduler_services_, tools.scheduler_repositories, settings.paths,
                   [this](const auto& repository, auto others) {
                     succession_.waits_for(repository, std::move(others));
                   }),
        scheduler_(tools.firings, tools.clock,
                   {.read = [this](const auto& repository) { return scheduled_.read(repository); },
                    .begin = [this](const auto& key, auto at) { return scheduled_.begin(key, at); },
                    .tell = tools.tell}),
        hooks_({.repositories = tools.repositories,
                .secrets = secrets,
                .deliveries = tools.deliveries,
                .pull_requests = tools.pull_requests,
                .lookout = *lookout_,
                .pool = *pool_,
                .clock = tools.clock,
                .uploads = settings.paths.uploads(),
                .post = [this](std::function<void()> work) { http_->post(std::move(work)); },
                .tell = tools.tell}),
        repositories_({.repositories = tools.repositories,
                       .secrets = secrets,
                       .deliveries = tools.deliveries,
                       .pull_requests = tools.pull_requests,
                       .lookout = *lookout_,
                       .on_change = [this](const auto& name) { look_at_schedules(name); },
                       .roles = tools.people.roles,
                       .environments = tools.environments,
                       .protections = tools.protections,
                       .paths = settings.paths,
                       .clock = tools.clock}),
        access_(tools.repositories, store, settings.paths),
        environments_(access_, owners_in(tools.services)),
        defined_environments_({.environments = tools.environments,
                               .repositories = tools.repositories,
                               .access = access_,
                               .clock = tools.clock}),
        protections_(tools.protections, tools.repositories, access_),
        callers_(tools.tokens, tools.people.groups, tools.people.roles, tools.clock),
        run_endpoints_(runs_, desk_, feed_, store, tools.repositories, settings.paths, access_),
        log_endpoints_({.store = store,
                        .history = history,
                        .waits = log_waits_,
                        .paths = settings.paths,
                        .pool = *pool_,
                        .clock = tools.clock}),
        decision_endpoints_(store, settings.paths, access_),
        deployments_([this] { return tools_.make_services(desk_); }),
        deployment_endpoints_({.deployments = deployments_,
                               .make_services = [this] { return tools_.make_services(desk_); },
                               .repositories = tools.repositories,
                               .access = access_,
                               .environments = environments_,
                               .paths = settings.paths,
                               .pool = *pool_}),
        flags_({.make_services = [this] { return tools_.make_services(desk_); },
                .clock = tools.clock,
                .on_change =
                    [this](const auto& key, const auto& now) {
                      http_->post([this, key, now] { flag_changes_.tell(key, now); });
                    },
                .tell = tools.tell}),
        stream_key_(secrets, tools.clock, tools.tell),
        ofrep_([this](const auto& key) { return flags_.find(key); },
               flag_changes_, [this]() -> const auto& { return stream_key_.tickets(); },
               tools.clock),
        toggles_(
            flags_, [this] { return tools_.make_services(desk_); }, environments_, *pool_,
            tools.clock),
        schedule_endpoints_(scheduler_),
        admin_(tools.tokens, tools.people.users, tools.clock),
        people_(tools.people.users, tools.people.groups, tools.tokens, tools.clock,
                outside.provider ? outside.provider->issuer : ""),
        roles_(tools.people.roles, tools.repositories, tools.clock),
        pulls_(tools.pull_requests, tools.repositories, access_,
               [this](const std::string& repository) { lookout_->look_soon(repository); }),
        provider_(make_provider(outside.provider, tools.clock)),
        logins_({.provider = provider_.get(),
                 .users = tools.people.users,
                 .groups = tools.people.groups,
                 .tokens = tools.tokens,
                 .pool = *pool_,
                 .clock = tools.clock,
                 .post = [this](std::function<void()> work) { http_->post(std::move(work)); },
                 .note = [this](const api::Change& change) { audit_.note(change); },
                 .tell = tools.tell}),
        health_({.clock = tools.clock,
                 .counters = counters_,
                 .agents = agents_.roster(),
                 .desk = desk_,
                 .store = store,
                 .runs_under_way = [this] { return runs_.under_way(); },
                 .connections = [this] { return http_->connections(); },
                 .add_more = [this](api::MetricText& text) { telling_.add_metrics(text); }}),
        statuses_({.runs = store,
                   .repositories = tools.repositories,
                   .paths = settings.paths,
                   .server = [this] { return public_url_; }}),
        audit_(tools.audit, tools.clock, tools.tell),
        doctor_({.clock = tools.clock,
                 .paths = settings.paths,
                 .settings = settings.server,
                 .database = *database_,
                 .agents = agents_.roster(),
                 .scheduler = scheduler_,
                 .lookout = *lookout_,
                 .telling = telling}),
        settings_in_use_(settings.server, settings.reread, tools.tell),
        cleaner_(
            tools_.make_services(desk_), settings.paths,
            [this] { return settings_in_use_.retention(); }, tools.tell),
        router_(
            all_endpoints(), [this](std::string_view token) { return callers_.find(token); },
            tools.clock, rates_of(settings.server.limits),
            [this](const api::Change& change) { audit_.note(change); },
            [this](const api::Asked& asked) { return access_.allow(asked); }),
        http_(http::Server::create(router_, settings.server.limits.http)) {}

  Result<> run() {
    // Before there is another thread, which a signal could end all of us by.
    PIPELINE_ASSIGN(const auto interrupts,
                    cli::Interrupts::watch([this](int /*count*/) { stop(); }, on_hangup()));
    PIPELINE_TRY(set_up_tls());
    PIPELINE_ASSIGN(const std::string where, listen());
    PIPELINE_ASSIGN(const auto troubles, runs_.resume_left_over());
    for (const std::string& trouble : troubles) tools_.tell(trouble);
    PIPELINE_TRY(take_up_deployments());
    waiting_.look();  // before it: what an earlier server moved had its runs
    PIPELINE_TRY(look_at_all());
    lookout_->start();
    flags_.look();
    tools_.tell("listening on " + where);
    telling_.start();
    succession_.start();
    tools_.manager.notify("READY=1");
    leases_.start();
    schedules_.start();
    waiting_looks_.start();
    flag_looks_.start();
    if (certificates_ || tools_.manager.watchdog_interval()) care_.start();
    cleaning_.start();
    http_->run();
    tools_.manager.notify("STOPPING=1");
    care_.stop();
    flag_looks_.stop();
    cleaner_.leave();
    cleaning_.stop();
    leases_.stop();
    telling_.stop();
    waiting_looks_.stop();
    // Nobody is heard any more: what agents have is theirs until the next server comes.
    desk_.close();
    pool_.reset();  // whatever still answers somebody who has gone
    {
      const source::NetworkGivenUp nobody_is_waited_for;
      lookout_.reset();
      schedules_.stop();
      succession_.stop();
    }
    deployments_.leave();
    const std::size_t left = runs_.under_way();
    runs_.leave();
    tools_.tell(left == 0 ? "stopped"
                          : "stopped; " + std::to_string(left) +
                                (left == 1 ? " run goes" : " runs go") + " on with the next start");
    return {};
  }

 private:
  void stop() {
    agents_.close();
    log_waits_.close();
    http_->post([this] {
      feed_.close();
      flag_changes_.close();
    });
    http_->stop();
  }

  // A terminal that hangs up leaves nobody to serve for; anybody else asks for new settings.
  std::function<void()> on_hangup() {
    if (::isatty(STDIN_FILENO) == 1) return [this] { stop(); };
    return [this] {
      settings_in_use_.read_again();
      cleaning_.wake();
    };
  }

  Result<> set_up_tls() {
    if (!settings_.server.tls) return {};
    return certificates_.emplace(*http_, *settings_.server.tls, tools_.tell).load();
  }

  // What a service manager opened goes before what we were told. Where we are called then.
  Result<std::string> listen() {
    const std::string scheme = settings_.server.tls ? "https://" : "http://";
    auto opened = tools_.manager.take_listeners();
    if (opened.empty()) {
      PIPELINE_ASSIGN(const host::Address address, http_->listen(settings_.server.listen));
      if (public_url_.empty()) public_url_ = scheme + address.to_text();
      return scheme + address.to_text();
    }
    for (host::UniqueFd& one : opened) PIPELINE_TRY(http_->adopt(std::move(one)));
    return scheme + " on what the service manager opened";
  }

  // What an earlier server did not come to, too. Those that are elsewhere may take their time.
  Result<> look_at_all() {
    PIPELINE_ASSIGN(const auto repositories, tools_.repositories.list());
    for (const store::RepositoryEntry& entry : repositories) {
      if (entry.url) {
        lookout_->watch(entry);
      } else {
        source::remove_left_locks(settings_.paths.repository(entry.name), kLongestPush);
        look_at_hosted(entry.name);
      }
      scheduler_.look(entry.name);
    }
    return {};
  }

  void look_at_hosted(const std::string& repository) {
    if (const auto looked = refs_.look({.name = repository, .added_at = {}}); !looked)
      tools_.tell("a push to " + repository + ": " + looked.error().to_string());
  }

  Result<> look_elsewhere(const store::RepositoryEntry& repository) {
    auto looked = refs_.look(repository);
    look_at_schedules(repository.name);
    return looked;
  }

  void on_push(const std::string& repository) {
    look_at_hosted(repository);
    look_at_schedules(repository);
  }

  void look_at_schedules(const std::string& repository) {
    scheduler_.look(repository);
    schedules_.wake();
  }

  // Runs that end wake it; what somebody else kept from being moved is tried again.
  base::TimePoint look_at_waiting() {
    waiting_.look();
    return tools_.clock.now() + kLookAtWaiting;
  }

  // Nothing that begins meanwhile is due sooner than it returns.
  base::TimePoint advance_leases() {
    desk_.advance();
    journal_.sweep();
    agents_.advance();
    log_waits_.advance();
    return tools_.clock.now() + std::chrono::seconds(1);
  }

  // What agents go on with, before anybody else can take its place.
  Result<> take_up_deployments() {
    PIPELINE_ASSIGN(deploy::Journal* const journal, journal_services_->journal());
    PIPELINE_ASSIGN(left_orders_, take_up_orders(desk_, *journal, settings_.paths));
    return journal_.take_up();
  }

  // Every entry is synced: not on the server's thread.
  void answer_journal(const api::Call& call, const link::AttemptWord& word,
                      const protocol::JournalAsk& ask) {
    pool_->run([this, call, word, ask] {
      const auto reply = journal_.answer(call.part("agent"), word, ask);
      if (!reply) return api::answer_problem(call, reply.error());
      api::answer_json(call, protocol::to_json(*reply));
    });
  }

  // Deployments and settings may be somebody else's, on the same state directory.
  base::TimePoint look_at_flags() {
    flags_.look();
    const base::TimePoint now = tools_.clock.now();
    if (now - flags_sounded_ >= kSilence) {
      flags_sounded_ = now;
      http_->post([this] { flag_changes_.keep_alive(); });
    }
    return now + std::chrono::seconds(1);
  }

  // Whoever waits for our sign of life gets it from the thread that answers everybody.
  base::TimePoint take_care() {
    if (certificates_) certificates_->look();
    const auto watchdog = tools_.manager.watchdog_interval();
    if (watchdog) http_->post([this] { tools_.manager.notify("WATCHDOG=1"); });
    return tools_.clock.now() + watchdog.value_or(kLookAtCertificates);
  }

  std::vector<api::Endpoint> all_endpoints() {
    std::vector<api::Endpoint> all;
    for (auto some : {agents_.endpoints(),
                      blobs_.endpoints(),
                      git_.endpoints(),
                      hooks_.endpoints(),
                      repositories_.endpoints(),
                      defined_environments_.endpoints(),
                      protections_.endpoints(),
                      run_endpoints_.endpoints(),
                      log_endpoints_.endpoints(),
                      decision_endpoints_.endpoints(),
                      deployment_endpoints_.endpoints(),
                      schedule_endpoints_.endpoints(),
                      admin_.endpoints(),
                      health_.endpoints(),
                      audit_.endpoints(),
                      telling_.endpoints(),
                      statuses_.endpoints(),
                      ofrep_.endpoints(),
                      toggles_.endpoints(),
                      people_.endpoints(),
                      roles_.endpoints(),
                      pulls_.endpoints(),
                      logins_.endpoints(),
                      doctor_.endpoints()})
      all.insert(all.end(), some.begin(), some.end());
    all.push_back(api::openapi_endpoint(all, cli::version()));
    return all;
  }

  const ServeSettings& settings_;
  const ServeTools& tools_;
  Telling& telling_;
  std::string& public_url_;  // where people find us; empty until we know it ourselves
  std::unique_ptr<worker::ThreadPool> pool_ = std::make_unique<worker::ThreadPool>();
  std::vector<std::unique_ptr<link::EventSink>> left_orders_;  // outlive the desk
  link::AgentDesk desk_;
  server::AgentEndpoints agents_;
  std::unique_ptr<cli::Services> journal_services_;
  server::JournalDesk journal_;
  server::BlobEndpoints blobs_;
  server::GitEndpoints git_;
  RunCounters counters_;
  EventFeed feed_;
  LogWaits log_waits_{tools_.clock, [this](std::function<void()> task) {
                        http_->post([this, task = std::move(task)] { pool_->run(task); });
                      }};
  Succession succession_;
  Ticker waiting_looks_{tools_.clock, [this] { return look_at_waiting(); }};  // runs wake it
  ServedRuns runs_;
  RefTrigger refs_;
  WaitingPushes waiting_;
  BranchGuard guard_;
  std::unique_ptr<Lookout> lookout_;
  std::unique_ptr<cli::Services> scheduler_services_;
  ScheduledRepositories scheduled_;
  Scheduler scheduler_;
  Ticker leases_{tools_.clock, [this] { return advance_leases(); }};
  Ticker schedules_{tools_.clock, [this] { return scheduler_.advance(); }};
  Ticker care_{tools_.clock, [this] { return take_care(); }};
  HookEndpoints hooks_;
  RepositoryEndpoints repositories_;
  Access access_;
  EnvironmentAccess environments_;
  EnvironmentEndpoints defined_environments_;
  ProtectionEndpoints protections_;
  Callers callers_;
  RunEndpoints run_endpoints_;
  LogEndpoints log_endpoints_;
  DecisionEndpoints decision_endpoints_;
  ServedDeployments deployments_;
  DeploymentEndpoints deployment_endpoints_;
  ofrep::ChangeStream flag_changes_;
  ServedFlags flags_;
  StreamKey stream_key_;
  ofrep::OfrepEndpoints ofrep_;
  ToggleEndpoints toggles_;
  base::TimePoint flags_sounded_;  // of flag_looks_' thread
  Ticker flag_looks_{tools_.clock, [this] { return look_at_flags(); }};
  ScheduleEndpoints schedule_endpoints_;
  AdminEndpoints admin_;
  PeopleEndpoints people_;
  RoleEndpoints roles_;
  PullEndpoints pulls_;
  std::unique_ptr<identity::Provider> provider_;  // null: there is none
  LoginEndpoints logins_;
  HealthEndpoints health_;
  StatusEndpoints statuses_;
  AuditLog audit_;
  std::unique_ptr<store::DatabaseKeeper> database_ =
      tools_.services.make_database_keeper(settings_.paths);
  DoctorEndpoint doctor_;
  SettingsInUse settings_in_use_;
  Cleaner cleaner_;
  Ticker cleaning_{tools_.clock, [this] { return cleaner_.clean(); }};
  api::Router router_;
  std::unique_ptr<http::Server> http_;
  std::optional<Certificates> certificates_;  // none: plain HTTP
};

}  // namespace

Result<> serve(const ServeSettings& settings, const ServeTools& tools) {
  PIPELINE_ASSIGN(const auto lock, store::take_server_lock(settings.paths));
  PIPELINE_TRY(prepare_state_directory(settings.paths));
  PIPELINE_TRY(make_first_token(settings.paths, tools.tokens, tools.clock.now(), tools.tell));
  PIPELINE_ASSIGN(store::RunStore* const store, tools.services.runs());
  PIPELINE_ASSIGN(const artifact::ArtifactStore* const artifacts, tools.services.artifacts());
  PIPELINE_ASSIGN(store::TestHistory* const history, tools.services.tests());
  PIPELINE_ASSIGN(store::SecretVault* const secrets, tools.services.secrets());
  PIPELINE_ASSIGN(const Outside outside, outside_of(settings.server));
  PIPELINE_ASSIGN(const Following following, open_following(tools));
  std::string public_url = settings.server.public_url.value_or("");
  PIPELINE_ASSIGN(
      const auto telling,
      Telling::open(
          {.paths = settings.paths,
           .mail = outside.mail,
           .server = [&public_url] { return public_url; },
           .traces = outside.traces},
          tools.telling, [&tools] { return tools.services.another(); }, tools.clock, tools.tell));
  return RunningServer(settings, tools, *store, *history, *artifacts, *secrets, *telling, outside,
                       following, public_url)
      .run();
}

}  // namespace pipeline::serve
