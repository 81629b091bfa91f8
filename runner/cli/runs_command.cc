// pipeline runs.
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kShortCommit = 8;

boost::json::object json_of(const store::RunSummary& run) {
  boost::json::object object{{"run", run.id},
                             {"pipeline", run.pipeline},
                             {"repository", run.repository},
                             {"branch", run.branch},
                             {"commit", run.commit},
                             {"status", std::string(run::to_string(run.status))},
                             {"reason", run.reason},
                             {"created_at", base::format_timestamp(run.created_at)}};
  if (run.finished_at) object["finished_at"] = base::format_timestamp(*run.finished_at);
  return object;
}

std::vector<render::Cell> row_of(const store::RunSummary& run, base::TimePoint now) {
  const auto since = [](base::TimePoint from, base::TimePoint to) {
    return base::format_elapsed(std::chrono::duration_cast<base::Duration>(to - from));
  };
  const std::string commit = run.commit.substr(0, kShortCommit);
  return {{std::to_string(run.id)},
          {base::printable(run.pipeline)},
          {std::string(run::to_string(run.status)), render::tint_of(run.status)},
          {since(run.created_at, now) + " ago"},
          {run.finished_at ? since(run.created_at, *run.finished_at) : ""},
          {base::printable(run.branch.empty() ? commit : run.branch + " " + commit)},
          {render::one_line(run.reason)}};
}

}  // namespace

Outcome execute(const RunsOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const auto runs, store->list(options.limit));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const auto& run : runs) console.out.write(boost::json::serialize(json_of(run)) + "\n");
    return ExitCode::success;
  }
  if (runs.empty()) {
    console.out.write("no runs yet; pipeline run makes one\n");
    return ExitCode::success;
  }
  render::Table table({"run", "pipeline", "status", "started", "took", "of", ""});
  for (const auto& run : runs) table.add(row_of(run, context.services.clock().now()));
  console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
