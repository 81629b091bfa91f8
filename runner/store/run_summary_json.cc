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

}  // namespace pipeline::store
