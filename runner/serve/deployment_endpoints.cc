#include "runner/serve/deployment_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "runner/cli/deployment_json.h"
#include "runner/cli/environments.h"
#include "runner/cli/prepared_deployment.h"
#include "runner/cli/user_mistake.h"
#include "runner/serve/hosted.h"
#include "runner/serve/nowhere.h"
#include "runner/server/api/json_call.h"
#include "runner/server/api/role_missing.h"
#include "runner/server/http/problem.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::Scope;
using base::ErrorKind;
using base::Result;
using deploy::Deployer;
using deploy::EnvironmentKey;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

// Names of the path lead to directories: only those that were deployed to are known ones.
Result<> expect_known(Deployer& deployer, const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto all, deployer.environments());
  if (std::ranges::find(all, key) != all.end()) return {};
  return base::fail(never_deployed_to(key));
}

enum class Look { here, at_agents };

Result<json::object> status_of(Deployer& deployer, const EnvironmentKey& key, Look look) {
  PIPELINE_TRY(expect_known(deployer, key));
  PIPELINE_ASSIGN(const auto status,
                  look == Look::at_agents ? deployer.examine(key) : deployer.status(key));
  return cli::json_of(status);
}

Result<json::object> all_of(Deployer& deployer, const api::Caller& caller,
                            const RepositoryNames& names) {
  PIPELINE_ASSIGN(const auto keys, deployer.environments());
  json::array list;
  for (const EnvironmentKey& key : keys) {
    PIPELINE_ASSIGN(const std::string owner, deployer.owner(key));
    if (!caller.may(Scope::read, {names.at(owner)})) continue;
    PIPELINE_ASSIGN(json::object status, status_of(deployer, key, Look::here));
    list.push_back(std::move(status));
  }
  return json::object{{"environments", std::move(list)}};
}

// With a deployer of its own, on the thread that calls.
void answer_with(const Call& call, cli::Services& services,
                 const std::function<Result<json::object>(Deployer&)>& tell) {
  const auto deployer = services.deployer();
  if (!deployer) return answer_problem(call, deployer.error());
  const auto told = tell(**deployer);
  if (!told) return answer_problem(call, told.error());
  answer_json(call, json::value(*told));
}

// The messages that tell of what is carried out.
class Messages {
 public:
  explicit Messages(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {
    http::Response head;
    head.fields.add("Content-Type", "text/event-stream");
    head.fields.add("Cache-Control", "no-store");
    exchange_->stream(std::move(head));
  }

  void send(const char* name, const json::value& value) const {
    exchange_->send("data: " + json::serialize(json::object{{name, value}}) + "\n\n");
  }
  void end_with(const Result<json::value>& result) const {
    if (result) send("result", *result);
    if (!result) send("problem", json::parse(http::problem(result.error()).body));
    exchange_->end();
  }

 private:
  std::shared_ptr<http::Exchange> exchange_;
};

using Act = std::function<Result<json::value>(cli::Services&, const deploy::Observer&,
                                              const std::stop_token&)>;

void carry_out(const Call& call, ServedDeployments& deployments, const access::Place& place,
               const Act& act) {
  const auto begun = deployments.begin(
      place, [exchange = call.exchange, act](cli::Services& services, std::uint64_t number,
                                             const std::stop_token& stop) {
        const Messages messages(exchange);
        messages.send("deployment", number);
        const auto observer = [&](const deploy::Progress& progress) {
          messages.send("progress", cli::json_of(progress));
        };
        messages.end_with(act(services, observer, stop));
      });
  if (!begun) answer_problem(call, begun.error());
}

// One that is another repository's may be taken over by force, by whoever may deploy for that one.
Result<> expect_may_take(Deployer& deployer, const deploy::DeploymentRequest& request,
                         const api::Caller& caller, const RepositoryNames& names) {
  if (!caller.person) return {};
  PIPELINE_ASSIGN(const std::string owner, deployer.owner(request.key));
  const access::Place place{names.at(owner), request.key.environment};
  if (owner.empty() || owner == request.repository || caller.may(Scope::deploy, place)) return {};
  return base::fail(api::role_missing(caller, Scope::deploy, place));
}

Result<json::value> told(const Result<deploy::DeploymentResult>& result) {
  if (!result) return base::fail(result.error());
  return json::value(cli::json_of(*result));
}

Result<cli::DeployOptions> deploy_request_in(const json::object& object) {
  cli::DeployOptions options;
  PIPELINE_ASSIGN(const auto ref, api::text_in(object, "ref"));
  PIPELINE_ASSIGN(options.tree.pipeline, api::text_in(object, "pipeline"));
  PIPELINE_ASSIGN(const auto environment, api::text_in(object, "environment"));
  PIPELINE_ASSIGN(const auto artifact, api::text_in(object, "artifact"));
  if (!environment || !artifact)
    return base::fail(ErrorKind::invalid, R"("environment" and "artifact" have to be there)");
  PIPELINE_TRY(cli::parse_artifact(*artifact));
  options.tree.ref = ref.value_or("");
  options.environment = *environment;
  options.artifact = *artifact;
  const auto* const force = object.if_contains("force");
  options.force = force != nullptr && force->is_bool() && force->get_bool();
  return options;
}

// None: the one before the current.
Result<std::optional<std::uint64_t>> release_in(const Call& call) {
  PIPELINE_ASSIGN(const json::object object, api::object_in(call));
  const auto* const release = object.if_contains("release");
  if (release == nullptr) return std::optional<std::uint64_t>();
  json::error_code error;
  const auto number = release->to_number<std::uint64_t>(error);
  if (error || number == 0)
    return base::fail(ErrorKind::invalid, R"("release" has to be the number of a release)");
  return std::optional(number);
}

}  // namespace

std::vector<Endpoint> DeploymentEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (DeploymentEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    endpoint.about = api::About::asks_itself;
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  Endpoint show = make("GET", "/api/v1/environments/{pipeline}/{environment}",
                       "What serves in one.", Scope::read, &DeploymentEndpoints::show);
  show.query.push_back(api::text_parameter(
      "look", "\"yes\": an agent on whose machine it is is asked how the instances are"));
  return {
      make("GET", "/api/v1/environments", "What serves where.", Scope::read,
           &DeploymentEndpoints::list),
      std::move(show),
      make("POST", "/api/v1/deployments", "Brings an artifact to an environment of a repository.",
           Scope::deploy, &DeploymentEndpoints::deploy),
      make("POST", "/api/v1/deployments/{number}/turn-back",
           "Turns back what was begun through this server.", Scope::deploy,
           &DeploymentEndpoints::turn_back),
      make("POST", "/api/v1/environments/{pipeline}/{environment}/rollback",
           "Puts a release back; without `release` the one before the current.", Scope::deploy,
           &DeploymentEndpoints::roll_back),
      make("POST", "/api/v1/environments/{pipeline}/{environment}/resume",
           "Finishes what a killed deployment left.", Scope::deploy, &DeploymentEndpoints::resume),
      make("POST", "/api/v1/environments/{pipeline}/{environment}/stop",
           "Ends all instances and the switch; releases stay.", Scope::deploy,
           &DeploymentEndpoints::stop),
  };
}

// Health is asked for: not on the server's thread.
void DeploymentEndpoints::list(const Call& call) {
  auto names = parts_.access.names();
  if (!names) return answer_problem(call, names.error());
  parts_.pool.run([this, call, names = *std::move(names)] {
    answer_with(call, *parts_.make_services(),
                [&](Deployer& deployer) { return all_of(deployer, call.caller, names); });
  });
}

void DeploymentEndpoints::show(const Call& call) {
  const auto known = parts_.environments.find(call, Scope::read);
  if (!known) return;
  const auto look =
      call.request().target.parameter("look").value_or("") == "yes" ? Look::at_agents : Look::here;
  parts_.pool.run([this, call, look, key = known->key] {
    answer_with(call, *parts_.make_services(),
                [&](Deployer& deployer) { return status_of(deployer, key, look); });
  });
}

void DeploymentEndpoints::deploy(const Call& call) {
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  auto options = deploy_request_in(*object);
  if (!options) return answer_problem(call, options.error());
  const auto name = api::text_in(*object, "repository");
  if (!name) return answer_problem(call, name.error());
  const access::Place place{name->value_or(""), options->environment};
  const auto allowed = parts_.access.expect(call.caller, Scope::deploy, place);
  if (!allowed) return answer_problem(call, allowed.error());
  auto address = address_of_repository(name->value_or(""), parts_.repositories, parts_.paths);
  if (!address) return answer_problem(call, address.error());
  auto names = parts_.access.names();
  if (!names) return answer_problem(call, names.error());
  options->tree.repository = *std::move(address);
  options->by = call.caller.name;
  carry_out(call, parts_.deployments, place,
            [options = *std::move(options), names = *std::move(names), caller = call.caller](
                cli::Services& services, const deploy::Observer& observer,
                const std::stop_token& stop) -> Result<json::value> {
              Nowhere nowhere;
              cli::Context context{services, nowhere.console, "/"};
              PIPELINE_ASSIGN(const auto request, cli::prepare_deployment(options, context));
              PIPELINE_ASSIGN(Deployer* const deployer, services.deployer());
              PIPELINE_TRY(expect_may_take(*deployer, request, caller, names));
              return told(cli::of_a_name(deployer->deploy(request, observer, stop)));
            });
}

void DeploymentEndpoints::roll_back(const Call& call) {
  const auto release = release_in(call);
  if (!release) return answer_problem(call, release.error());
  const auto known = parts_.environments.find(call, Scope::deploy);
  if (!known) return;
  carry_out(call, parts_.deployments, known->place,
            [request = deploy::RollbackRequest{known->key, *release, call.caller.name}](
                cli::Services& services, const deploy::Observer& observer,
                const std::stop_token& stop) -> Result<json::value> {
              PIPELINE_ASSIGN(Deployer* const deployer, services.deployer());
              PIPELINE_TRY(expect_known(*deployer, request.key));
              return told(deployer->roll_back(request, observer, stop));
            });
}

void DeploymentEndpoints::resume(const Call& call) {
  const auto known = parts_.environments.find(call, Scope::deploy);
  if (!known) return;
  carry_out(call, parts_.deployments, known->place,
            [key = known->key](cli::Services& services, const deploy::Observer& observer,
                               const std::stop_token& stop) -> Result<json::value> {
              PIPELINE_ASSIGN(Deployer* const deployer, services.deployer());
              PIPELINE_TRY(expect_known(*deployer, key));
              return told(deployer->resume(key, observer, stop));
            });
}

void DeploymentEndpoints::stop(const Call& call) {
  const auto known = parts_.environments.find(call, Scope::deploy);
  if (!known) return;
  carry_out(call, parts_.deployments, known->place,
            [key = known->key](cli::Services& services, const deploy::Observer& observer,
                               const std::stop_token&) -> Result<json::value> {
              PIPELINE_ASSIGN(Deployer* const deployer, services.deployer());
              PIPELINE_TRY(expect_known(*deployer, key));
              PIPELINE_TRY(deployer->shut_down(key, observer));
              return json::value();
            });
}

void DeploymentEndpoints::turn_back(const Call& call) {
  const auto number = api::number_of<std::uint64_t>(call.part("number"));
  const auto place = number ? parts_.deployments.place_of(*number) : std::nullopt;
  if (place && !call.caller.may(Scope::deploy, *place) && call.caller.may(Scope::read, *place))
    return answer_problem(call, api::role_missing(call.caller, Scope::deploy, *place));
  if (place && call.caller.may(Scope::deploy, *place) && parts_.deployments.turn_back(*number))
    return api::answer_nothing(call);
  call.exchange->answer(http::problem(404, "this deployment is not under way"));
}

}  // namespace pipeline::serve
