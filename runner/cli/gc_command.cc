// pipeline gc.
#include <boost/json.hpp>

#include "pipelines/base/size.h"
#include "runner/cli/commands.h"
#include "runner/cli/kept_directory.h"
#include "runner/keeping/garbage.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;

std::string as_json(const keeping::Garbage& garbage, bool dry_run) {
  return json::serialize(
             json::object{{"dry_run", dry_run},
                          {"runs", json::array(garbage.runs.begin(), garbage.runs.end())},
                          {"artifacts", garbage.artifacts},
                          {"outputs", garbage.outputs},
                          {"bytes", garbage.bytes}}) +
         "\n";
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string as_text(const keeping::Garbage& garbage, bool dry_run) {
  const std::string verb = dry_run ? "would free " : "freed ";
  return verb + base::format_size(garbage.bytes) + ": " + counted(garbage.runs.size(), "run") +
         ", " + counted(garbage.artifacts, "artifact") + ", outputs of " +
         counted(garbage.outputs, "job") + "\n";
}

}  // namespace

Outcome execute(const GcOptions& options, Context& context) {
  PIPELINE_ASSIGN(const store::Paths paths, existing_state(options.data));
  PIPELINE_ASSIGN(const auto stoppable, Stoppable::begin());
  Services& services = context.services;
  PIPELINE_TRY(services.use_state_directory(paths.root()));
  PIPELINE_ASSIGN(store::RunStore* const runs, services.runs());
  PIPELINE_ASSIGN(deploy::Journal* const journal, services.journal());
  const auto database = services.make_database_keeper(paths);
  const keeping::GarbageTools tools{paths, *runs, *database, *journal};
  const retention::Policy policy{options.keep_runs, std::chrono::hours(24) * options.keep_days,
                                 options.keep_bytes};
  const base::TimePoint now = services.clock().now();
  auto garbage = options.dry_run
                     ? keeping::find_garbage(tools, policy, now)
                     : keeping::remove_garbage(tools, policy, now, stoppable->source.get_token());
  if (!garbage) return base::during(std::move(garbage), "clean " + paths.root().string());
  context.console.out.write(options.format == Format::json ? as_json(*garbage, options.dry_run)
                                                           : as_text(*garbage, options.dry_run));
  return ExitCode::success;
}

}  // namespace pipeline::cli
