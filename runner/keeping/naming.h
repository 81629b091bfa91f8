// What a run, a result or a release names, and so keeps from being taken away. Pure.
#pragma once

#include <set>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/rollout/record.h"
#include "pipelines/run/event.h"
#include "runner/store/run_store.h"

namespace pipeline::keeping {

struct Named {
  std::set<run::RunId> runs;
  std::set<base::Digest> digests;  // artifacts, and outputs of jobs

  // What the run made or used, the runs whose results it used, and those that it began.
  void add(const std::vector<run::Event>& events);
  void add(const store::CachedResult& result);
  // Every release whose files are kept: it can be gone back to.
  void add(const rollout::EnvironmentRecord& environment);
};

}  // namespace pipeline::keeping
