#include "pipelines/notify/occasion.h"

#include <algorithm>
#include <array>

#include "pipelines/base/glob.h"

namespace pipeline::notify {

namespace {

using model::Occasion;
using run::RunStatus;

std::optional<Occasion> end_of(RunStatus status) {
  switch (status) {
    case RunStatus::succeeded:
      return Occasion::success;
    case RunStatus::failed:
      return Occasion::failure;
    case RunStatus::errored:
      return Occasion::error;
    case RunStatus::cancelled:
      return Occasion::cancelled;
    case RunStatus::created:
    case RunStatus::running:
    case RunStatus::interrupted:
      return std::nullopt;
  }
  return std::nullopt;
}

// Somebody's word tells nothing of what is built.
bool is_verdict(RunStatus status) {
  return status == RunStatus::succeeded || status == RunStatus::failed ||
         status == RunStatus::errored;
}

bool matches(const std::string& pattern, const std::string& text) {
  const auto glob = base::Glob::compile(pattern);
  return glob && glob->matches(text);
}

}  // namespace

std::set<Occasion> occasions_of(const Happening& happening, std::optional<RunStatus> before) {
  switch (happening.kind) {
    case Happening::Kind::started:
      return {Occasion::started};
    case Happening::Kind::approval:
      return {Occasion::approval};
    case Happening::Kind::finished:
      break;
    case Happening::Kind::queued:
    case Happening::Kind::job_started:
    case Happening::Kind::job_finished:
      return {};
  }
  std::set<Occasion> found;
  if (const auto end = end_of(happening.status)) found.insert(*end);
  // A run that is tried again is held against itself.
  if (happening.before) before = happening.before;
  if (!before || !is_verdict(*before) || !is_verdict(happening.status)) return found;
  const bool was_good = *before == RunStatus::succeeded;
  const bool is_good = happening.status == RunStatus::succeeded;
  if (is_good && !was_good) found.insert(Occasion::fixed);
  if (!is_good && was_good) found.insert(Occasion::broken);
  return found;
}

std::string_view to_string(Occasion occasion) {
  constexpr std::array<std::string_view, 8> kWords = {"started", "approval",  "success", "failure",
                                                      "error",   "cancelled", "broken",  "fixed"};
  return kWords.at(static_cast<std::size_t>(occasion));
}

bool is_about(const model::NotifyRule& rule, const plan::Facts& facts) {
  if (facts.untrusted) return false;
  if (rule.branches.empty()) return true;
  return std::ranges::any_of(
      rule.branches, [&](const std::string& pattern) { return matches(pattern, facts.branch); });
}

bool wants(const model::NotifyRule& rule, const std::set<Occasion>& occasions) {
  return std::ranges::any_of(rule.on,
                             [&](Occasion occasion) { return occasions.contains(occasion); });
}

}  // namespace pipeline::notify
