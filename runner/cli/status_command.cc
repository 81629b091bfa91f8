// pipeline status.
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/deployment_json.h"
#include "runner/cli/desk_place.h"
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

std::string ago(const EnvironmentStatus& status, base::TimePoint now) {
  if (!status.since) return {};
  const auto elapsed = std::chrono::duration_cast<base::Duration>(now - *status.since);
  return base::format_elapsed(elapsed) + " ago";
}

std::string overview_of(const std::vector<EnvironmentStatus>& all, base::TimePoint now,
                        const Console& console) {
  render::Table table({"environment", "release", "artifact", "address", "state", "since", "by"});
  for (const EnvironmentStatus& status : all) {
    table.add({{to_string(status.key)},
               {release_of(status)},
               {artifact_of(status)},
               {status.address},
               {base::printable(status.state)},
               {ago(status, now)},
               {base::printable(status.by)}});
  }
  return table.render(console.out_color, console.out.width());
}

render::Cell health_of(const deploy::InstanceStatus& instance) {
  if (!instance.is_looked_at) return {"not looked at"};
  return instance.healthy ? render::Cell{"healthy", render::Tint::good}
                          : render::Cell{"unhealthy", render::Tint::bad};
}

std::string instances_of(const EnvironmentStatus& status, const Console& console) {
  render::Table table({"instance", "release", "address", "pid", "health", "traffic"});
  for (const deploy::InstanceStatus& instance : status.instances) {
    const render::Cell health = health_of(instance);
    table.add({{instance.name},
               {std::to_string(instance.release)},
               {instance.address},
               {instance.is_looked_at ? std::to_string(instance.pid) : ""},
               health,
               {instance.in_traffic ? "yes" : "no"}});
  }
  return table.render(console.out_color, console.out.width());
}

std::string details_of(const EnvironmentStatus& status, base::TimePoint now, const Console& console,
                       const render::CommandPlace& commands) {
  std::string text = overview_of({status}, now, console);
  if (!status.by.empty()) text += "\nasked for by: " + render::one_line(status.by) + "\n";
  if (!status.reason.empty()) text += "\nreason: " + render::one_line(status.reason) + "\n";
  if (status.previous != 0) {
    text += "\nbefore it: release " + std::to_string(status.previous) + "; " +
            commands.command("rollback", to_string(status.key)) + " puts it back\n";
  }
  if (!status.machine.empty()) text += "\non the machine of agent " + status.machine + "\n";
  if (!status.instances.empty()) text += "\n" + instances_of(status, console);
  if (!status.not_looked_at.empty())
    text += "\nnot looked at: " + render::one_line(status.not_looked_at) + "\n";
  for (const base::Digest& digest : status.bad) {
    text += "\nrolled back here before, refused without --force: " + digest.hex() + "\n";
  }
  return text;
}

base::Result<std::vector<EnvironmentStatus>> statuses(const StatusOptions& options,
                                                      EnvironmentDesk& desk) {
  PIPELINE_ASSIGN(auto keys, desk.environments());
  if (options.environment) {
    PIPELINE_ASSIGN(auto key, find_environment(*options.environment, keys));
    keys = {std::move(key)};
  }
  std::vector<EnvironmentStatus> all;
  for (const auto& key : keys) {
    // Of many, how each of their instances is would be much to ask, and is not shown.
    PIPELINE_ASSIGN(auto status, options.environment ? desk.examine(key) : desk.status(key));
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace

Outcome execute(const StatusOptions& options, Context& context) {
  PIPELINE_ASSIGN(const DeskPlace place, open_desk_place(options.server, context));
  PIPELINE_ASSIGN(const auto all, statuses(options, *place.desk));
  Console& console = context.console;
  const base::TimePoint now = context.services.clock().now();
  if (options.format == Format::json) {
    for (const auto& one : all) console.out.write(boost::json::serialize(json_of(one)) + "\n");
  } else if (all.empty()) {
    console.out.write("nothing was deployed yet; a deploy stage, or pipeline deploy, does it\n");
  } else if (options.environment) {
    console.out.write(details_of(all.front(), now, console, place.commands));
  } else {
    console.out.write(overview_of(all, now, console));
  }
  return ExitCode::success;
}

}  // namespace pipeline::cli
