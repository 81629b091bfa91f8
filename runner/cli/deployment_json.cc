#include "runner/cli/deployment_json.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;
using deploy::EnvironmentStatus;

constexpr std::string_view kDigestKind = "sha256:";
constexpr std::string_view kReleasesFault = "release";

std::string text_of(const base::Digest& digest) {
  return std::string(kDigestKind) + digest.hex();
}

Result<base::Digest> digest_in(std::string_view text) {
  if (!text.starts_with(kDigestKind)) return base::fail(ErrorKind::corrupt, "this is no digest");
  return base::Digest::parse(text.substr(kDigestKind.size()));
}

json::object json_of(const deploy::InstanceStatus& instance) {
  json::object object{
      {"name", instance.name}, {"release", instance.release}, {"address", instance.address}};
  if (instance.is_looked_at) {
    object["pid"] = instance.pid;
    object["healthy"] = instance.healthy;
  }
  object["in_traffic"] = instance.in_traffic;
  return object;
}

deploy::InstanceStatus instance_in(const json::value& value) {
  deploy::InstanceStatus instance;
  instance.name = value.at("name").as_string();
  instance.release = value.at("release").to_number<std::uint64_t>();
  instance.address = value.at("address").as_string();
  instance.is_looked_at = value.as_object().contains("healthy");
  if (instance.is_looked_at) {
    instance.pid = value.at("pid").to_number<int>();
    instance.healthy = value.at("healthy").as_bool();
  }
  instance.in_traffic = value.at("in_traffic").as_bool();
  return instance;
}

base::Error nothing_of_ours(const char* what, const std::exception& error) {
  return {ErrorKind::corrupt, "this is no " + std::string(what) + ": " + error.what()};
}

}  // namespace

json::object json_of(const EnvironmentStatus& status) {
  json::array instances;
  for (const auto& instance : status.instances) instances.push_back(json_of(instance));
  json::array bad;
  for (const auto& digest : status.bad) bad.emplace_back(text_of(digest));
  json::object object{{"pipeline", status.key.pipeline},
                      {"environment", status.key.environment},
                      {"address", status.address},
                      {"release", status.release},
                      {"artifact", status.artifact},
                      {"previous", status.previous},
                      {"state", status.state},
                      {"reason", status.reason},
                      {"instances", std::move(instances)},
                      {"bad", std::move(bad)}};
  if (!status.machine.empty()) object["machine"] = status.machine;
  if (!status.not_looked_at.empty()) object["not_looked_at"] = status.not_looked_at;
  if (status.digest) object["digest"] = text_of(*status.digest);
  if (status.since) object["since"] = base::format_timestamp(*status.since);
  if (!status.by.empty()) object["by"] = status.by;
  return object;
}

json::object json_of(const deploy::Progress& progress) {
  return {{"state", progress.state}, {"detail", progress.detail}};
}

json::object json_of(const deploy::DeploymentResult& result) {
  return {{"verdict", deploy::to_string(result.verdict)},
          {"release", result.release},
          {"reason", result.reason},
          {"blame", result.blame == rollout::Blame::release ? kReleasesFault : "nobody"},
          {"hint", result.hint}};
}

Result<EnvironmentStatus> environment_status_from_json(const json::value& value) try {
  EnvironmentStatus status;
  status.key.pipeline = value.at("pipeline").as_string();
  status.key.environment = value.at("environment").as_string();
  status.address = value.at("address").as_string();
  status.release = value.at("release").to_number<std::uint64_t>();
  status.artifact = value.at("artifact").as_string();
  status.previous = value.at("previous").to_number<std::uint64_t>();
  status.state = value.at("state").as_string();
  status.reason = value.at("reason").as_string();
  for (const json::value& instance : value.at("instances").as_array())
    status.instances.push_back(instance_in(instance));
  for (const json::value& text : value.at("bad").as_array()) {
    PIPELINE_ASSIGN(const base::Digest digest, digest_in(text.as_string()));
    status.bad.push_back(digest);
  }
  if (const auto* const machine = value.as_object().if_contains("machine"))
    status.machine = machine->as_string();
  if (const auto* const why = value.as_object().if_contains("not_looked_at"))
    status.not_looked_at = why->as_string();
  if (const auto* const digest = value.as_object().if_contains("digest")) {
    PIPELINE_ASSIGN(status.digest, digest_in(digest->as_string()));
  }
  if (const auto* const since = value.as_object().if_contains("since")) {
    PIPELINE_ASSIGN(status.since, base::parse_timestamp(since->as_string()));
  }
  if (const auto* const by = value.as_object().if_contains("by")) status.by = by->as_string();
  return status;
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("environment", error));
}

Result<deploy::Progress> progress_from_json(const json::value& value) try {
  deploy::Progress progress;
  progress.state = value.at("state").as_string();
  progress.detail = value.at("detail").as_string();
  return progress;
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("progress", error));
}

Result<deploy::DeploymentResult> deployment_result_from_json(const json::value& value) try {
  deploy::DeploymentResult result;
  const auto verdict = deploy::verdict_of(value.at("verdict").as_string());
  if (!verdict) return base::fail(ErrorKind::corrupt, "a deployment has no such verdict");
  result.verdict = *verdict;
  result.release = value.at("release").to_number<std::uint64_t>();
  result.reason = value.at("reason").as_string();
  const bool is_its_fault = value.at("blame").as_string() == kReleasesFault;
  result.blame = is_its_fault ? rollout::Blame::release : rollout::Blame::nobody;
  result.hint = value.at("hint").as_string();
  return result;
} catch (const std::exception& error) {
  return base::fail(nothing_of_ours("deployment", error));
}

}  // namespace pipeline::cli
