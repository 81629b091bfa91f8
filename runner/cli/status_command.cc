// pipeline status.
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/commands.h"
#include "runner/cli/environments.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"

namespace pipeline::cli {

namespace {

using deploy::EnvironmentStatus;

std::string artifact_of(const EnvironmentStatus& status) {
  return status.digest ? status.artifact + "@" + status.digest->short_hex() : "";
}

std::string release_of(const EnvironmentStatus& status) {
  return status.release == 0 ? "none" : std::to_string(status.release);
}

boost::json::object json_of(const deploy::InstanceStatus& instance) {
  return {{"name", instance.name},       {"release", instance.release},
          {"address", instance.address}, {"pid", instance.pid},
          {"healthy", instance.healthy}, {"in_traffic", instance.in_traffic}};
}

boost::json::object json_of(const EnvironmentStatus& status) {
  boost::json::array instances;
  for (const auto& instance : status.instances) instances.push_back(json_of(instance));
  boost::json::array bad;
  for (const auto& digest : status.bad) bad.emplace_back("sha256:" + digest.hex());
  boost::json::object object{{"pipeline", status.key.pipeline},
                             {"environment", status.key.environment},
                             {"address", status.address},
                             {"release", status.release},
                             {"artifact", status.artifact},
                             {"previous", status.previous},
                             {"state", status.state},
                             {"reason", status.reason},
                             {"instances", std::move(instances)},
                             {"bad", std::move(bad)}};
  if (status.digest) object["digest"] = "sha256:" + status.digest->hex();
  if (status.since) object["since"] = base::format_timestamp(*status.since);
  return object;
}

std::string ago(const EnvironmentStatus& status, base::TimePoint now) {
  if (!status.since) return {};
  const auto elapsed = std::chrono::duration_cast<base::Duration>(now - *status.since);
  return base::format_elapsed(elapsed) + " ago";
}

std::string overview_of(const std::vector<EnvironmentStatus>& all, base::TimePoint now,
                        const Console& console) {
  render::Table table({"environment", "release", "artifact", "address", "state", "since"});
  for (const EnvironmentStatus& status : all) {
    table.add({{to_string(status.key)},
               {release_of(status)},
               {artifact_of(status)},
               {status.address},
               {base::printable(status.state)},
               {ago(status, now)}});
  }
  return table.render(console.out_color, console.out.width());
}

std::string instances_of(const EnvironmentStatus& status, const Console& console) {
  render::Table table({"instance", "release", "address", "pid", "health", "traffic"});
  for (const deploy::InstanceStatus& instance : status.instances) {
    const render::Cell health = instance.healthy ? render::Cell{"healthy", render::Tint::good}
                                                 : render::Cell{"unhealthy", render::Tint::bad};
    table.add({{instance.name},
               {std::to_string(instance.release)},
               {instance.address},
               {std::to_string(instance.pid)},
               health,
               {instance.in_traffic ? "yes" : "no"}});
  }
  return table.render(console.out_color, console.out.width());
}

std::string details_of(const EnvironmentStatus& status, base::TimePoint now,
                       const Console& console) {
  std::string text = overview_of({status}, now, console);
  if (!status.reason.empty()) text += "\nreason: " + render::one_line(status.reason) + "\n";
  if (status.previous != 0) {
    text += "\nbefore it: release " + std::to_string(status.previous) + "; pipeline rollback " +
            to_string(status.key) + " puts it back\n";
  }
  if (!status.instances.empty()) text += "\n" + instances_of(status, console);
  for (const base::Digest& digest : status.bad) {
    text += "\nrolled back here before, refused without --force: " + digest.hex() + "\n";
  }
  return text;
}

base::Result<std::vector<EnvironmentStatus>> statuses(const StatusOptions& options,
                                                      deploy::Deployer& deployer) {
  std::vector<deploy::EnvironmentKey> keys;
  if (options.environment) {
    PIPELINE_ASSIGN(auto key, find_environment(*options.environment, deployer));
    keys.push_back(std::move(key));
  } else {
    PIPELINE_ASSIGN(keys, deployer.environments());
  }
  std::vector<EnvironmentStatus> all;
  for (const auto& key : keys) {
    PIPELINE_ASSIGN(auto status, deployer.status(key));
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace

Outcome execute(const StatusOptions& options, Context& context) {
  PIPELINE_ASSIGN(deploy::Deployer* const deployer, context.services.deployer());
  PIPELINE_ASSIGN(const auto all, statuses(options, *deployer));
  Console& console = context.console;
  const base::TimePoint now = context.services.clock().now();
  if (options.format == Format::json) {
    for (const auto& one : all) console.out.write(boost::json::serialize(json_of(one)) + "\n");
  } else if (all.empty()) {
    console.out.write("nothing was deployed yet; a deploy stage, or pipeline deploy, does it\n");
  } else if (options.environment) {
    console.out.write(details_of(all.front(), now, console));
  } else {
    console.out.write(overview_of(all, now, console));
  }
  return ExitCode::success;
}

}  // namespace pipeline::cli
