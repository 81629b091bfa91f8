// A stage's `when`: every key given must hold, a list holds if one entry matches. Values only;
// pipelines/plan evaluates.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pipeline::model {

// What must have become of the needs.
enum class NeedsStatus { success, failure, always };

struct Condition {
  std::vector<std::string> branch;   // globs
  std::vector<std::string> tag;      // globs
  std::vector<std::string> event;    // push, pull_request, schedule, manual
  std::vector<std::string> changed;  // globs
  std::map<std::string, std::vector<std::string>> param;
  std::map<std::string, std::vector<std::string>> matrix;  // of the job's own cell
  std::optional<NeedsStatus> status;                       // none: success
  std::vector<Condition> negated;                          // `not`: none of them may hold
};

}  // namespace pipeline::model
