// The pull requests of repositories that are elsewhere, as their forges told of them, and how far
// each had its runs. A port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::store {

struct PullRequestEntry {
  std::string repository;  // its name here
  std::uint64_t number = 0;
  std::string target;  // the branch that it goes to
  bool from_fork = true;
  bool is_open = true;
  std::string seen{};      // its head, when its latest runs began; empty: it had none
  std::string waiting{};   // the head that waits for somebody's word; empty: none does
  std::string approved{};  // the head that has it; empty: none has
  bool operator==(const PullRequestEntry&) const = default;
};

class PullRequestStore {
 public:
  virtual ~PullRequestStore() = default;
  // What is new, or is otherwise now; but for `seen`, `waiting` and `approved`, which stay.
  virtual base::Result<> note(const PullRequestEntry& entry) = 0;
  // Its runs at this head have begun. No change when it is not known.
  virtual base::Result<> saw(const std::string& repository, std::uint64_t number,
                             const std::string& head) = 0;
  // This head waits, and no other of it any more. No change when it is not known.
  virtual base::Result<> waits(const std::string& repository, std::uint64_t number,
                               const std::string& head) = 0;
  // Somebody has vouched for this head, or will not: it waits no more. False, and no change, when
  // it is not the one that waits.
  enum class Word { yes, no };
  virtual base::Result<bool> decide(const std::string& repository, std::uint64_t number,
                                    const std::string& head, Word word) = 0;
  // By number.
  virtual base::Result<std::vector<PullRequestEntry>> open_ones(const std::string& repository) = 0;
  // The forge has made that commit of a pull request's head and its target: what is said of it is
  // for the head.
  virtual base::Result<> note_merge(const std::string& repository, const std::string& merge,
                                    const std::string& head) = 0;
  // None when the commit is no such merge.
  virtual base::Result<std::optional<std::string>> head_of(const std::string& repository,
                                                           const std::string& merge) = 0;
  // All of the repository's.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
