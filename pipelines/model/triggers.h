// What starts runs of a pipeline by itself, and which runs of it may go on beside each other. Plain
// values; pipelines/plan/trigger.h decides on them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/source_span.h"

namespace pipeline::model {

// What becomes of firings that fell while nobody was there to start them.
enum class MissedFirings { run_once, skip, run_all };

struct Schedule {
  std::string name;
  std::string cron;              // as written; pipelines/schedule reads it
  std::string timezone = "UTC";  // IANA name
  MissedFirings missed = MissedFirings::run_once;
  std::map<std::string, std::string> params;  // as text, checked against the pipeline's own
  base::SourceSpan span;                      // of its cron expression
};

// Another pipeline, whose success starts a run.
struct Upstream {
  std::string pipeline;               // its name
  std::string repository{};           // where it is, as the server calls it; empty: the same one
  std::vector<std::string> branches;  // globs of the branches that it ran on; empty: all, and tags
  base::SourceSpan span;              // of its name
};

struct Triggers {
  std::vector<std::string> push;                         // globs of branches
  std::vector<std::string> tag;                          // globs of tags
  std::optional<std::vector<std::string>> pull_request;  // globs of branches they go to; none: no
  // Globs of changed files: a push or pull request that changes nothing of `paths`, or only what
  // `paths_ignore` names, starts nothing. Empty: no limit.
  std::vector<std::string> paths;
  std::vector<std::string> paths_ignore;
  std::vector<Schedule> schedules;
  std::vector<Upstream> upstreams;
};

// What a run that begins does to older ones of its group that are not over.
enum class Superseded { keep, cancel_queued, cancel_running };

struct Concurrency {
  std::string group;  // may hold {placeholders}, as the key of a cache
  std::uint32_t limit = 1;
  Superseded superseded = Superseded::keep;
  base::SourceSpan span;  // of the group
};

}  // namespace pipeline::model
