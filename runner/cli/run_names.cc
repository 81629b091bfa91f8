#include "runner/cli/run_names.h"

namespace pipeline::cli {

base::Result<run::RunId> resolve(const RunName& name, store::RunStore& store) {
  if (name) return *name;
  PIPELINE_ASSIGN(const auto newest, store.list(1));
  if (newest.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "there are no runs yet")
                          .hint("pipeline run makes one"));
  }
  return newest.front().id;
}

}  // namespace pipeline::cli
