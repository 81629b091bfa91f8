// Who may decide on what waits for people in a run: one rule for whoever is asked, on this machine
// or through a server. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::engine {

struct Decider {
  std::string name;  // of a person, or of a service's token
  // Whether he is in the group; none: he is no person. "user:NAME" and "group:NAME" are people
  // only, a name alone may also be a token's.
  std::function<bool(const std::string& group)> is_in{};
};

// The job of the approval that waits. ErrorKind::invalid, with what does wait, when this one does
// not; ErrorKind::permission when the decider is none of its approvers.
base::Result<std::size_t> find_waiting(const StoredRun& run, const std::string& stage,
                                       const Decider& decider);

// What a decision on the job of an approval is about: the tree, the pipeline and its parameters,
// and the artifacts that were made for it so far, those that are deployed once it is given among
// them. A decision counts for nothing else.
base::Digest subject_of(const StoredRun& run, std::size_t approval);

// The environments that the job of an approval stands before: those that are deployed to once it is
// given, without another approval in between.
std::set<std::string> environments_behind(const plan::Plan& plan, std::size_t approval);

}  // namespace pipeline::engine
