#include "runner/cli/event_choice.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/schedule/firing.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using plan::TriggerEvent;

constexpr std::size_t kShownFirings = 3;

plan::ChangedPaths changed_of(const EventWish& wish) {
  return wish.changed.empty() ? plan::ChangedPaths() : wish.changed;
}

Result<TriggerEvent> push_of(const EventWish& wish, const plan::Facts& here) {
  const std::string branch = wish.branch.value_or(here.branch);
  if (branch.empty()) {
    return base::fail(Error(ErrorKind::invalid, "the working tree is on no branch")
                          .hint("--branch NAME says which one is pushed"));
  }
  return plan::Push{branch, changed_of(wish)};
}

Result<TriggerEvent> tag_of(const EventWish& wish, const plan::Facts& here) {
  const std::string tag = wish.tag.value_or(here.tag);
  if (tag.empty()) {
    return base::fail(Error(ErrorKind::invalid, "there is no tag here")
                          .hint("--tag NAME says which one is pushed"));
  }
  return plan::TagPush{tag};
}

Result<TriggerEvent> pull_request_of(const EventWish& wish) {
  if (!wish.branch) {
    return base::fail(Error(ErrorKind::invalid, "a pull request goes to a branch")
                          .hint("--branch NAME says to which one"));
  }
  return plan::PullRequest{*wish.branch, changed_of(wish)};
}

Result<TriggerEvent> firing_of(const EventWish& wish, const model::Triggers& triggers) {
  std::vector<std::string> names;
  for (const model::Schedule& one : triggers.schedules) names.push_back(one.name);
  if (names.empty()) return plan::Firing{wish.schedule.value_or("")};
  if (!wish.schedule && names.size() == 1) return plan::Firing{names.front()};
  const std::string all = base::join(names, ", ");
  if (!wish.schedule) {
    return base::fail(Error(ErrorKind::invalid, "the pipeline has several schedules")
                          .hint("--schedule NAME says which one: " + all));
  }
  if (std::ranges::find(names, *wish.schedule) == names.end()) {
    const auto near = base::nearest(*wish.schedule, names);
    return base::fail(Error(ErrorKind::invalid, "the pipeline has no schedule \"" +
                                                    base::printable(*wish.schedule) + '"')
                          .hint(near ? "did you mean \"" + *near + "\"?" : "it has " + all));
  }
  return plan::Firing{*wish.schedule};
}

const model::Schedule* schedule_of(const TriggerEvent& event, const model::Pipeline& pipeline) {
  const auto* firing = std::get_if<plan::Firing>(&event);
  if (firing == nullptr) return nullptr;
  const auto& schedules = pipeline.triggers.schedules;
  const auto one = std::ranges::find(schedules, firing->schedule, &model::Schedule::name);
  return one == schedules.end() ? nullptr : &*one;
}

}  // namespace

Result<TriggerEvent> event_of(const EventWish& wish, const model::Pipeline& pipeline,
                              const plan::Facts& here) {
  switch (wish.event) {
    case EventName::push:
      return push_of(wish, here);
    case EventName::tag:
      return tag_of(wish, here);
    case EventName::pull_request:
      return pull_request_of(wish);
    case EventName::schedule:
      return firing_of(wish, pipeline.triggers);
    case EventName::pipeline:
      return plan::PipelineSuccess{wish.upstream, wish.upstream_repository,
                                   wish.branch.value_or("")};
    case EventName::manual:
      break;
  }
  return plan::ByHand{};
}

plan::Facts facts_of(const TriggerEvent& event, const EventWish& wish,
                     const model::Pipeline& pipeline, plan::Facts here) {
  here.event = plan::event_of(event);
  here.untrusted = wish.untrusted;
  if (!wish.changed.empty()) here.changed = wish.changed;
  if (const auto* push = std::get_if<plan::Push>(&event)) {
    here.branch = push->branch;
    here.tag.clear();
  } else if (const auto* tagged = std::get_if<plan::TagPush>(&event)) {
    here.branch.clear();
    here.tag = tagged->tag;
  } else if (std::holds_alternative<plan::PullRequest>(event)) {
    // What is built is the request's own branch, wherever it goes to.
    here.branch = wish.from.value_or(here.branch);
    here.tag.clear();
  } else if (std::holds_alternative<plan::PipelineSuccess>(event)) {
    here.branch = wish.from.value_or(here.branch);
    here.tag = wish.tag.value_or(here.tag);
  } else {
    here.branch = wish.branch.value_or(here.branch);
    here.tag = wish.tag.value_or(here.tag);
  }
  if (const model::Schedule* schedule = schedule_of(event, pipeline)) {
    here.params.insert(schedule->params.begin(), schedule->params.end());
  }
  return here;
}

Result<plan::TriggerNote> note_of(const TriggerEvent& event, const model::Pipeline& pipeline,
                                  base::TimePoint now) {
  plan::TriggerNote note;
  PIPELINE_ASSIGN(note.answer, plan::would_start(pipeline.triggers, event));
  const model::Schedule* schedule = schedule_of(event, pipeline);
  if (schedule == nullptr) return note;
  PIPELINE_ASSIGN(const auto zone, schedule::TimeZone::load(schedule->timezone));
  const auto cron = schedule::Cron::parse(schedule->cron);
  if (!cron) return base::fail(ErrorKind::invalid, cron.error().what);
  for (const base::TimePoint at : schedule::next_firings(*cron, zone, now, kShownFirings)) {
    note.next.push_back({zone.format(at), zone.format_for_machines(at)});
  }
  return note;
}

}  // namespace pipeline::cli
