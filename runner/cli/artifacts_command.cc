// pipeline artifacts, pipeline artifacts get.
#include <boost/json.hpp>

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

struct Made {
  std::string job;
  run::ProducedArtifact artifact;
};

base::Result<std::vector<Made>> made_by(run::RunId id, RunReader& runs) {
  PIPELINE_ASSIGN(const engine::StoredRun run, load_run(runs, id));
  std::vector<Made> made;
  for (std::size_t job = 0; job < run.plan.jobs.size(); ++job) {
    for (const auto& artifact : run.state.jobs[job].artifacts) {
      made.push_back({run.plan.jobs[job].name, artifact});
    }
  }
  return made;
}

base::Error no_such_artifact(const std::string& name, run::RunId id, const std::vector<Made>& made,
                             const RunPlace& place) {
  std::vector<std::string> names;
  names.reserve(made.size());
  for (const Made& one : made) names.push_back(one.artifact.name);
  const std::string hint = names.empty() ? "it made none; " +
                                               place.commands.command("show", std::to_string(id)) +
                                               " tells how far it came"
                                         : "it made: " + base::join(names, ", ");
  return base::Error(base::ErrorKind::invalid,
                     "run " + std::to_string(id) + " made no artifact \"" + name + "\"")
      .hint(hint);
}

base::Result<> check_destination(const std::filesystem::path& destination) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(fs::symlink_status(destination, error))) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, destination.string() + " exists already")
            .hint("--to names another directory to make"));
  }
  if (fs::is_directory(destination.parent_path(), error)) return {};
  return base::fail(base::Error(base::ErrorKind::invalid,
                                destination.parent_path().string() + " is not a directory")
                        .hint("--to names the directory to make, inside one that exists"));
}

}  // namespace

Outcome execute(const ArtifactsListOptions& options, Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const auto made, made_by(id, *place.runs));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const Made& one : made) {
      const boost::json::object object{{"name", one.artifact.name},
                                       {"digest", "sha256:" + one.artifact.digest.hex()},
                                       {"size", one.artifact.size},
                                       {"job", one.job}};
      console.out.write(boost::json::serialize(object) + "\n");
    }
    return ExitCode::success;
  }
  if (made.empty()) {
    console.out.write("run " + std::to_string(id) + " made no artifacts\n");
    return ExitCode::success;
  }
  render::Table table({"artifact", "size", "made by"});
  for (const Made& one : made) {
    table.add({{one.artifact.name + "@" + one.artifact.digest.hex()},
               {base::format_size(one.artifact.size)},
               {one.job}});
  }
  console.out.write(table.render(console.out_color, 0));  // a digest cut short is of no use
  return ExitCode::success;
}

Outcome execute(const ArtifactsGetOptions& options, Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(const auto made, made_by(id, *place.runs));
  const auto found = std::find_if(
      made.begin(), made.end(), [&](const Made& one) { return one.artifact.name == options.name; });
  if (found == made.end()) return base::fail(no_such_artifact(options.name, id, made, place));
  const auto destination = context.directory / options.directory.value_or(options.name);
  PIPELINE_TRY(check_destination(destination));
  PIPELINE_TRY(place.runs->unpack(id, found->artifact.digest, destination));
  context.console.out.write("unpacked " + options.name + " to " + destination.string() + "\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
