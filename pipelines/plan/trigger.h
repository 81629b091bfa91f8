// Whether an event starts a run of a pipeline by itself, and why. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/triggers.h"

namespace pipeline::plan {

// Paths that a change touches; none: not known.
using ChangedPaths = std::optional<std::vector<std::string>>;

struct Push {
  std::string branch;
  ChangedPaths changed;
};
struct TagPush {
  std::string tag;
};
struct PullRequest {
  std::string to;  // the branch it goes to
  ChangedPaths changed;
};
struct Firing {
  std::string schedule;  // its name
};
struct PipelineSuccess {
  std::string pipeline;
  std::string repository;  // empty: the same one
  std::string branch;      // that it ran on; empty: none
};
struct ByHand {};

using TriggerEvent = std::variant<Push, TagPush, PullRequest, Firing, PipelineSuccess, ByHand>;

// What conditions and jobs are told of it: a tag is pushed, too.
std::string_view event_of(const TriggerEvent& event);

struct TriggerAnswer {
  bool starts = false;
  std::string event;  // "a push to branch main"
  std::string why;    // a clause: `"push" has "main"`, `the branch is "topic", not "main"`
};

// What is not known is not held against it: a change of unknown paths starts a run. Fails when a
// pattern cannot be compiled, which the reader refuses.
base::Result<TriggerAnswer> would_start(const model::Triggers& triggers, const TriggerEvent& event);

// "a push to branch topic would start nothing: the branch is …"
std::string sentence(const TriggerAnswer& answer);

}  // namespace pipeline::plan
