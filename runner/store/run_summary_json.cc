#include "runner/store/run_summary_json.h"

#include <boost/json.hpp>

#include "pipelines/base/timestamp.h"

namespace pipeline::store {

std::string to_json(const RunSummary& run) {
  boost::json::object object{{"run", run.id},
                             {"pipeline", run.pipeline},
                             {"repository", run.repository},
                             {"branch", run.branch},
                             {"commit", run.commit},
                             {"status", std::string(run::to_string(run.status))},
                             {"reason", run.reason},
                             {"detached", run.detached},
                             {"created_at", base::format_timestamp(run.created_at)}};
  if (run.finished_at) object["finished_at"] = base::format_timestamp(*run.finished_at);
  return boost::json::serialize(object);
}

base::Result<RunSummary> run_summary_from_json(const boost::json::value& value) try {
  RunSummary run;
  run.id = value.at("run").to_number<run::RunId>();
  run.pipeline = value.at("pipeline").as_string();
  run.repository = value.at("repository").as_string();
  run.branch = value.at("branch").as_string();
  run.commit = value.at("commit").as_string();
  run.reason = value.at("reason").as_string();
  run.detached = value.at("detached").as_bool();
  const auto status = run::run_status_from(value.at("status").as_string());
  if (!status) return base::fail(base::ErrorKind::corrupt, "a run has no such status");
  run.status = *status;
  PIPELINE_ASSIGN(run.created_at, base::parse_timestamp(value.at("created_at").as_string()));
  if (const auto* const finished = value.as_object().if_contains("finished_at")) {
    PIPELINE_ASSIGN(run.finished_at, base::parse_timestamp(finished->as_string()));
  }
  return run;
} catch (const std::exception& error) {
  return base::fail(base::ErrorKind::corrupt, std::string("this is no run: ") + error.what());
}

}  // namespace pipeline::store
