// Who sees everything that happens in one environment and remembers it in its own way, so that what
// the journal makes of it can be doubted: which gates said what, which digests are bad, and which
// have passed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "pipelines/rollout/journal_entry.h"

namespace pipeline::simulation {

class Witness {
 public:
  void saw_verdict(std::uint64_t release, const std::string& gate, bool passed);
  // Of an entry that was written. Broken when a release gets further than its gates let it.
  void saw_entry(const rollout::Entry& entry);
  // Broken when users may reach the release that is being brought, and its gates have not said yes.
  void saw_users_reach(std::uint64_t release) const;
  // Something happened to this release, or to all, that it may be blamed for.
  void suspect(const base::Digest& digest) { suspects_.insert(digest); }

  // A gate said no, or somebody went back from it, and it has not proved itself since.
  bool is_bad(const base::Digest& digest) const { return bad_.contains(digest); }
  bool may_be_bad(const base::Digest& digest) const { return suspects_.contains(digest); }
  // All its gates have said yes of it, at one time or another.
  bool went_through_gates(const base::Digest& digest) const;
  // It is proved, and nothing was said against it since.
  bool has_passed(const base::Digest& digest) const { return passed_.contains(digest); }

 private:
  void saw_opened(const rollout::Opened& entry);
  void saw_entered(const rollout::Entered& entry);
  bool said(std::uint64_t release, const std::string& gate, bool passed) const;
  bool is_let_through(std::uint64_t release) const {
    return said(release, "toggle before", true) && said(release, "smoke before", true);
  }
  void distrust(const base::Digest& digest);

  std::map<std::uint64_t, base::Digest> contents_;  // by release
  std::map<std::uint64_t, std::map<std::string, bool>> verdicts_;
  std::set<base::Digest> bad_;
  std::set<base::Digest> passed_;
  std::set<base::Digest> suspects_;
  std::optional<rollout::Opened> open_;
  std::uint64_t current_ = 0;
  std::uint64_t before_ = 0;  // current when the last deployment began
};

}  // namespace pipeline::simulation
