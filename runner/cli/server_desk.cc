#include "runner/cli/server_desk.h"

#include <atomic>
#include <boost/json.hpp>

#include "runner/cli/deployment_json.h"
#include "runner/cli/environments.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;
using deploy::DeploymentResult;
using deploy::EnvironmentKey;
using deploy::EnvironmentStatus;
using http_client::escaped;

std::string path_of(const EnvironmentKey& key) {
  return "/environments/" + escaped(key.pipeline) + "/" + escaped(key.environment);
}

Result<EnvironmentKey> key_in(const json::value& value) {
  PIPELINE_ASSIGN(const EnvironmentStatus status, environment_status_from_json(value));
  return status.key;
}

// What is told of something that is carried out, message by message.
class Told {
 public:
  explicit Told(const deploy::Observer& observer) : observer_(observer) {}

  Result<> take(std::string_view text) {
    json::error_code error;
    const json::value message = json::parse(text, error);
    if (error || !message.is_object()) return base::fail(not_a_server());
    const json::object& object = message.get_object();
    if (const auto* const number = object.if_contains("deployment")) {
      number_ = number->to_number<std::uint64_t>(error);
      return error ? Result<>(base::fail(not_a_server())) : Result<>();
    }
    if (const auto* const progress = object.if_contains("progress")) {
      PIPELINE_ASSIGN(const deploy::Progress step, progress_from_json(*progress));
      observer_(step);
      return {};
    }
    if (const auto* const result = object.if_contains("result")) {
      has_ended_ = true;
      if (result->is_null()) return {};
      PIPELINE_ASSIGN(result_, deployment_result_from_json(*result));
      return {};
    }
    if (const auto* const problem = object.if_contains("problem")) return fail_as(*problem);
    return {};
  }

  // By which the server calls it; 0: not yet known. From any thread.
  std::uint64_t number() const { return number_; }
  bool has_ended() const { return has_ended_; }
  const std::optional<DeploymentResult>& result() const { return result_; }

 private:
  // As an answer with that status would be.
  static Result<> fail_as(const json::value& problem) {
    const auto* const object = problem.if_object();
    const auto* const status = object == nullptr ? nullptr : object->if_contains("status");
    json::error_code error;
    const auto number = status == nullptr ? 0U : status->to_number<unsigned>(error);
    PIPELINE_TRY(http_client::expect_success(
        http_client::Reply{.status = error || number < 400 ? 500U : number,
                           .fields = {{"content-type", "application/problem+json"}},
                           .body = json::serialize(problem)}));
    return base::fail(not_a_server());
  }

  const deploy::Observer& observer_;
  std::atomic<std::uint64_t> number_ = 0;
  bool has_ended_ = false;
  std::optional<DeploymentResult> result_;
};

}  // namespace

Result<std::unique_ptr<ServerDesk>> ServerDesk::open(const ServerChoice& server) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  return std::unique_ptr<ServerDesk>(new ServerDesk(server, std::move(client)));
}

Result<std::vector<EnvironmentKey>> ServerDesk::environments() {
  PIPELINE_ASSIGN(const json::value answer, client_.get("/environments"));
  return list_in(answer, "environments", &key_in);
}

Result<EnvironmentStatus> ServerDesk::status(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const json::value answer, client_.get(path_of(key)));
  return environment_status_from_json(answer);
}

Result<EnvironmentStatus> ServerDesk::examine(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const json::value answer, client_.get(path_of(key) + "?look=yes"));
  return environment_status_from_json(answer);
}

Result<EnvironmentKey> ServerDesk::find(const std::string& name) {
  PIPELINE_ASSIGN(const auto all, environments());
  return find_environment(name, all);
}

Result<std::optional<DeploymentResult>> ServerDesk::carry_out(const std::string& path,
                                                              const json::value& body,
                                                              const deploy::Observer& observer,
                                                              const std::stop_token& stop) {
  // A connection of its own: on one that was kept, what is asked for might be begun twice.
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server_));
  Told told(observer);
  std::atomic<bool> is_turned_back = false;
  // Whoever cannot be told goes on, as after a connection that broke.
  const auto turn_back = [&] {
    if (told.number() == 0 || is_turned_back.exchange(true)) return;
    if (auto other = ServerClient::open(server_))
      static_cast<void>(other->post("/deployments/" + std::to_string(told.number()) + "/turn-back",
                                    json::object()));
  };
  const std::stop_callback when_asked(stop, turn_back);
  Result<> understood;
  const auto heard = client.follow(path, body, [&](std::string_view message) {
    understood = told.take(message);
    if (stop.stop_requested()) turn_back();  // it may have been asked before there was a number
    return understood.has_value();
  });
  PIPELINE_TRY(understood);
  if (told.has_ended()) return told.result();
  if (!heard && told.number() == 0) return base::fail(heard.error());
  return base::fail(
      base::Error(ErrorKind::unavailable, "the connection to the server broke")
          .hint("what was begun goes on there; pipeline status tells how far it came"));
}

Result<DeploymentResult> ServerDesk::with_result(const std::string& path, const json::value& body,
                                                 const deploy::Observer& observer,
                                                 const std::stop_token& stop) {
  PIPELINE_ASSIGN(auto result, carry_out(path, body, observer, stop));
  if (!result) return base::fail(not_a_server());
  return *std::move(result);
}

Result<DeploymentResult> ServerDesk::resume(const EnvironmentKey& key,
                                            const deploy::Observer& observer,
                                            std::stop_token stop) {
  return with_result(path_of(key) + "/resume", json::object(), observer, stop);
}

Result<DeploymentResult> ServerDesk::roll_back(const EnvironmentKey& key,
                                               std::optional<std::uint64_t> release,
                                               const deploy::Observer& observer,
                                               std::stop_token stop) {
  json::object body;
  if (release) body["release"] = *release;
  return with_result(path_of(key) + "/rollback", body, observer, stop);
}

Result<> ServerDesk::shut_down(const EnvironmentKey& key, const deploy::Observer& observer) {
  PIPELINE_TRY(carry_out(path_of(key) + "/stop", json::object(), observer, {}));
  return {};
}

Result<DeploymentResult> ServerDesk::deploy(const DeployOptions& options,
                                            const deploy::Observer& observer,
                                            const std::stop_token& stop) {
  json::object body{{"repository", options.tree.repository.value_or("")},
                    {"ref", options.tree.ref},
                    {"environment", options.environment},
                    {"artifact", options.artifact},
                    {"force", options.force}};
  if (options.tree.pipeline) body["pipeline"] = *options.tree.pipeline;
  return with_result("/deployments", body, observer, stop);
}

}  // namespace pipeline::cli
