// What is known about a run before it starts: what conditions, names and the environment of jobs
// are decided on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"

namespace pipeline::plan {

// A file that a split stage divides among its jobs.
struct SplitFile {
  std::string path;
  std::optional<base::Duration> measured;  // its tests, in the newest run that ran them
  bool operator==(const SplitFile&) const = default;
};

struct Facts {
  std::string event = "manual";  // push, pull_request, schedule, pipeline, manual
  std::string branch;            // empty: detached
  std::string tag;
  std::string commit;  // of HEAD, also for a working tree that differs from it
  std::string tree;    // git tree id of what is built
  bool dirty = false;  // the working tree differs from the commit
  std::map<std::string, std::string> params;  // every declared one, as text
  std::optional<std::vector<std::string>>
      changed;  // paths against the base; none: not known, `changed` holds
  // By stage: what its `split.files` matches in the tree, in the order of the paths.
  std::map<std::string, std::vector<SplitFile>> split_files;
  bool untrusted = false;  // nobody of the project has vouched for it (trust.h)
};

}  // namespace pipeline::plan
