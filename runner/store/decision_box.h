// What people said to the approvals of a run: a file for each job, which whoever drives the run
// takes out. It stays until it is taken, so a decision that comes while nobody drives the run is
// found by whoever goes on with it.
//
// Threads: any.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"
#include "runner/store/paths.h"

namespace pipeline::store {

struct StoredDecision {
  bool approved = false;
  std::string by;
  std::string comment;    // may be empty
  std::string tree;       // git tree of the run that was decided on: it counts for nothing else
  std::string subject{};  // engine::subject_of() it, likewise; empty: of an older program
  bool operator==(const StoredDecision&) const = default;
};

// Replaces what was said before and not taken yet.
base::Result<> put_decision(const Paths& paths, run::RunId run, const std::string& job,
                            const StoredDecision& decision);
// Waits at most so long for one, and takes it. None: nobody decided, or `stop` was requested.
// ErrorKind::corrupt for a file that put_decision did not write.
base::Result<std::optional<StoredDecision>> await_decision(const Paths& paths, run::RunId run,
                                                           const std::string& job,
                                                           base::Duration patience,
                                                           const std::stop_token& stop);

// The file: four lines, the comment last; the subject stands behind the tree.
std::string to_text(const StoredDecision& decision);
base::Result<StoredDecision> decision_from(std::string_view text);

}  // namespace pipeline::store
