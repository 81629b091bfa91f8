#include "runner/cli/server_toggles.h"

#include <boost/json.hpp>

#include "runner/cli/environments.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Result;
using deploy::EnvironmentKey;
using http_client::escaped;
using toggle::Setting;

std::string path_of(const EnvironmentKey& key, const std::string& flag) {
  return "/environments/" + escaped(key.pipeline) + "/" + escaped(key.environment) + "/toggles/" +
         escaped(flag);
}

// None: it was set to nothing.
Result<std::optional<Setting>> before_in(const json::value& answer) {
  const auto* const object = answer.if_object();
  if (object == nullptr) return base::fail(not_a_server());
  const auto* const before = object->if_contains("before");
  if (before == nullptr) return std::optional<Setting>();
  PIPELINE_ASSIGN(auto setting, toggles::setting_from_json(*before));
  return std::optional(std::move(setting));
}

class ServerToggles final : public ToggleBoard {
 public:
  explicit ServerToggles(ServerClient client) : client_(std::move(client)) {}

  Result<std::vector<toggles::EnvironmentToggles>> all() override {
    PIPELINE_ASSIGN(const json::value answer, client_.get("/toggles"));
    return list_in(answer, "environments", &toggles::environment_toggles_from_json);
  }
  Result<EnvironmentKey> find(const std::string& name) override {
    PIPELINE_ASSIGN(const auto environments, all());
    std::vector<EnvironmentKey> keys;
    keys.reserve(environments.size());
    for (const auto& environment : environments) keys.push_back(environment.key);
    return find_environment(name, keys);
  }
  Result<std::vector<store::ToggleChange>> history(const EnvironmentKey& key,
                                                   const std::string& flag) override {
    PIPELINE_ASSIGN(const json::value answer, client_.get(path_of(key, flag) + "/changes"));
    return list_in(answer, "changes", &toggles::change_from_json);
  }
  Result<std::optional<Setting>> set(const EnvironmentKey& key, const std::string& flag,
                                     const std::string& value) override {
    PIPELINE_ASSIGN(const json::value answer,
                    client_.post(path_of(key, flag), json::object{{"value", value}}));
    return before_in(answer);
  }
  Result<Setting> clear(const EnvironmentKey& key, const std::string& flag) override {
    PIPELINE_ASSIGN(const json::value answer, client_.remove(path_of(key, flag)));
    PIPELINE_ASSIGN(auto before, before_in(answer));
    if (!before) return base::fail(not_a_server());
    return *std::move(before);
  }

 private:
  ServerClient client_;
};

}  // namespace

Result<std::unique_ptr<ToggleBoard>> server_toggles(const ServerChoice& server) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  return std::make_unique<ServerToggles>(std::move(client));
}

}  // namespace pipeline::cli
