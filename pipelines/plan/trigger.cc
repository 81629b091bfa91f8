#include "pipelines/plan/trigger.h"

#include <algorithm>

#include "pipelines/base/glob.h"
#include "pipelines/base/text.h"
#include "pipelines/plan/quoted.h"

namespace pipeline::plan {

namespace {

using base::Glob;
using base::Result;
using Words = std::vector<std::string>;

// The first pattern that the name matches.
Result<std::optional<std::string>> matching(const Words& patterns, const std::string& name) {
  for (const std::string& pattern : patterns) {
    PIPELINE_ASSIGN(const Glob glob, Glob::compile(pattern));
    if (glob.matches(name)) return std::optional(pattern);
  }
  return std::optional<std::string>();
}

TriggerAnswer answer(bool starts, std::string why) {
  return {starts, {}, std::move(why)};
}

// `key` is the trigger's, `what` what its patterns are of.
Result<TriggerAnswer> check_name(std::string_view key, std::string_view what, const Words& patterns,
                                 const std::string& name) {
  const std::string trigger = "\"" + std::string(key) + "\"";
  if (patterns.empty()) return answer(false, "its triggers have no " + trigger);
  PIPELINE_ASSIGN(const auto pattern, matching(patterns, name));
  if (!pattern) {
    return answer(
        false, "the " + std::string(what) + " is " + quoted({name}) + ", not " + quoted(patterns));
  }
  return answer(true, trigger + " has " + quoted({*pattern}));
}

// Which of the changed paths counts; none: no pattern is matched, or all are ignored.
Result<std::optional<std::string>> counting(const model::Triggers& triggers, const Words& changed) {
  for (const std::string& path : changed) {
    PIPELINE_ASSIGN(const auto ignored, matching(triggers.paths_ignore, path));
    if (ignored) continue;
    if (triggers.paths.empty()) return std::optional(path);
    PIPELINE_ASSIGN(const auto wanted, matching(triggers.paths, path));
    if (wanted) return std::optional(path);
  }
  return std::optional<std::string>();
}

// `starts`: what the branch alone says.
Result<TriggerAnswer> limited_by_paths(TriggerAnswer starts, const model::Triggers& triggers,
                                       const ChangedPaths& changed) {
  if (!starts.starts || (triggers.paths.empty() && triggers.paths_ignore.empty())) return starts;
  if (!changed) {
    starts.why += ", and what changed is not known";
    return starts;
  }
  PIPELINE_ASSIGN(const auto path, counting(triggers, *changed));
  if (path) {
    starts.why += ", and " + base::printable(*path) + " changed";
    return starts;
  }
  if (triggers.paths.empty()) {
    return answer(
        false, "nothing changed but what \"paths_ignore\" names: " + quoted(triggers.paths_ignore));
  }
  std::string why = "nothing changed that \"paths\" names: " + quoted(triggers.paths);
  if (!triggers.paths_ignore.empty()) why += ", less what \"paths_ignore\" names";
  return answer(false, std::move(why));
}

struct Check {
  const model::Triggers& triggers;

  Result<TriggerAnswer> operator()(const Push& push) const {
    PIPELINE_ASSIGN(TriggerAnswer named, check_name("push", "branch", triggers.push, push.branch));
    return limited_by_paths(std::move(named), triggers, push.changed);
  }
  Result<TriggerAnswer> operator()(const TagPush& push) const {
    return check_name("tag", "tag", triggers.tag, push.tag);
  }
  Result<TriggerAnswer> operator()(const PullRequest& request) const {
    PIPELINE_ASSIGN(TriggerAnswer named,
                    check_name("pull_request", "branch it goes to",
                               triggers.pull_request.value_or(Words()), request.to));
    if (triggers.pull_request == Words{"**"}) {  // `true`
      named.why = "\"pull_request\" takes those to every branch";
    }
    return limited_by_paths(std::move(named), triggers, request.changed);
  }
  Result<TriggerAnswer> operator()(const Firing& firing) const {
    const auto one = std::ranges::find(triggers.schedules, firing.schedule, &model::Schedule::name);
    if (one == triggers.schedules.end()) {
      return answer(false, "its triggers have no schedule of that name");
    }
    return answer(true, "it fires at \"" + one->cron + "\" in " + one->timezone);
  }
  Result<TriggerAnswer> operator()(const PipelineSuccess& success) const {
    TriggerAnswer last = answer(false, "its triggers do not name that pipeline");
    for (const model::Upstream& upstream : triggers.upstreams) {
      if (upstream.pipeline != success.pipeline || upstream.repository != success.repository)
        continue;
      const std::string named = "\"pipeline\" has " + quoted({upstream.pipeline});
      if (upstream.branches.empty()) return answer(true, named);
      PIPELINE_ASSIGN(const auto pattern, matching(upstream.branches, success.branch));
      if (pattern) return answer(true, named + " on " + quoted({*pattern}));
      last = answer(
          false, "it ran on " + quoted({success.branch}) + ", not on " + quoted(upstream.branches));
    }
    return last;
  }
  Result<TriggerAnswer> operator()(const ByHand&) const {
    return answer(true, "whoever asks for it starts it");
  }
};

struct Describe {
  std::string operator()(const Push& push) const {
    return "a push to branch " + base::printable(push.branch);
  }
  std::string operator()(const TagPush& push) const {
    return "a push of tag " + base::printable(push.tag);
  }
  std::string operator()(const PullRequest& request) const {
    return "a pull request to branch " + base::printable(request.to);
  }
  std::string operator()(const Firing& firing) const {
    return "schedule " + base::printable(firing.schedule);
  }
  std::string operator()(const PipelineSuccess& success) const {
    std::string text = "success of pipeline " + base::printable(success.pipeline);
    if (!success.repository.empty()) text += " of " + base::printable(success.repository);
    return text;
  }
  std::string operator()(const ByHand&) const { return "a start by hand"; }
};

}  // namespace

std::string_view event_of(const TriggerEvent& event) {
  constexpr std::string_view kEvents[] = {"push",     "push",     "pull_request",
                                          "schedule", "pipeline", "manual"};
  static_assert(std::size(kEvents) == std::variant_size_v<TriggerEvent>);
  return kEvents[event.index()];
}

Result<TriggerAnswer> would_start(const model::Triggers& triggers, const TriggerEvent& event) {
  PIPELINE_ASSIGN(TriggerAnswer result, std::visit(Check{triggers}, event));
  result.event = std::visit(Describe{}, event);
  return result;
}

std::string sentence(const TriggerAnswer& answer) {
  return answer.event + (answer.starts ? " would start a run: " : " would start nothing: ") +
         answer.why;
}

}  // namespace pipeline::plan
