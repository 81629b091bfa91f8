#include "runner/serve/event_starter.h"

#include "pipelines/base/text.h"
#include "runner/cli/tree_pipelines.h"

namespace pipeline::serve {

namespace {

using base::ErrorKind;
using base::Result;
using run::RunId;

std::string described(const RepositoryEvent& event, const std::string& file) {
  return base::join({file, " of ", event.repository, " at ", event.place}, "");
}

// The pipelines that it may start.
Result<std::vector<std::string>> files_of(cli::Services& services, const RepositoryEvent& event) {
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  PIPELINE_ASSIGN(std::vector<std::string> files, cli::pipeline_files_in(*source, event.revision));
  std::erase_if(files, [&](const std::string& file) { return event.not_these.contains(file); });
  return files;
}

}  // namespace

Result<> EventStarter::start(cli::Services& services, const RepositoryEvent& event) {
  PIPELINE_ASSIGN(const auto files, files_of(services, event));
  for (const std::string& file : files) {
    const Result<RunId> run = start_one(event, file);
    if (!run && run.error().kind() == ErrorKind::unavailable) return base::fail(run.error());
    if (!run) tell_(described(event, file) + " starts nothing: " + run.error().to_string());
  }
  return {};
}

Result<std::map<std::string, RunId>> EventStarter::start_all(cli::Services& services,
                                                             const RepositoryEvent& event) {
  PIPELINE_ASSIGN(const auto files, files_of(services, event));
  std::map<std::string, RunId> started;
  for (const std::string& file : files) {
    PIPELINE_ASSIGN(const RunId run, start_one(event, file));
    if (run != 0) started.emplace(file, run);
  }
  return started;
}

Result<RunId> EventStarter::start_one(const RepositoryEvent& event, const std::string& file) {
  cli::RunOptions options;
  options.tree.pipeline = file;
  options.tree.repository = event.location;
  options.tree.ref = event.revision.commit;  // the event's, whatever comes after it
  options.detach = true;
  options.cause = event.cause;
  // Whoever pushes finds the run there when git says that it is done.
  Result<RunId> run = runs_.begin_triggered(std::move(options), event.event);
  if (run && *run != 0) tell_(described(event, file) + ": run " + std::to_string(*run));
  return run;
}

}  // namespace pipeline::serve
