#include "pipelines/plan/condition.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/glob.h"
#include "pipelines/plan/quoted.h"

namespace pipeline::plan {

namespace {

using base::Glob;
using base::Result;
using Words = std::vector<std::string>;
using Reason = std::optional<std::string>;

Result<bool> any_matches(const Words& patterns, const Words& texts) {
  for (const std::string& pattern : patterns) {
    PIPELINE_ASSIGN(const Glob glob, Glob::compile(pattern));
    if (std::ranges::any_of(texts, [&](const auto& text) { return glob.matches(text); })) {
      return true;
    }
  }
  return false;
}

Result<Reason> check_name(std::string_view what, const Words& patterns, const std::string& actual) {
  if (patterns.empty()) return Reason();
  if (actual.empty())
    return Reason("there is no " + std::string(what) + ", and it asks for " + quoted(patterns));
  PIPELINE_ASSIGN(const bool matches, any_matches(patterns, {actual}));
  if (matches) return Reason();
  return Reason("the " + std::string(what) + " is \"" + actual + "\", not " + quoted(patterns));
}

Result<Reason> check_changed(const Words& patterns, const Facts& facts) {
  // Not knowing what changed must not skip a test.
  if (patterns.empty() || !facts.changed) return Reason();
  PIPELINE_ASSIGN(const bool matches, any_matches(patterns, *facts.changed));
  if (matches) return Reason();
  return Reason("nothing changed that matches " + quoted(patterns));
}

Reason check_event(const Words& events, const Facts& facts) {
  if (events.empty() || std::ranges::find(events, facts.event) != events.end()) return {};
  return "the event is \"" + facts.event + "\", not " + quoted(events);
}

Reason check_value(std::string_view what, const std::string& name, const std::string& actual,
                   const Words& wanted) {
  if (std::ranges::find(wanted, actual) != wanted.end()) return {};
  std::string reason(what);
  reason += name;
  reason += " is " + quoted({actual}) + ", not " + quoted(wanted);
  return reason;
}

Reason check_params(const model::Condition& condition, const Facts& facts) {
  for (const auto& [name, values] : condition.param) {
    const auto given = facts.params.find(name);
    const std::string actual = given == facts.params.end() ? "" : given->second;
    if (auto reason = check_value("parameter ", name, actual, values)) return reason;
  }
  return {};
}

Reason check_matrix(const model::Condition& condition, const model::MatrixCell& cell) {
  for (const auto& [name, values] : condition.matrix) {
    const std::string* actual = model::find_value(cell, name);
    if (auto reason = check_value("", name, actual == nullptr ? "" : *actual, values))
      return reason;
  }
  return {};
}

Result<Reason> check_negated(const model::Condition& condition, const Facts& facts,
                             const model::MatrixCell& cell) {
  for (const model::Condition& negated : condition.negated) {
    PIPELINE_ASSIGN(const Reason reason, why_not(negated, facts, cell));
    if (!reason) return Reason("it excludes " + describe(negated));
  }
  return Reason();
}

}  // namespace

Result<Reason> why_not(const model::Condition& condition, const Facts& facts,
                       const model::MatrixCell& cell) {
  PIPELINE_ASSIGN(Reason reason, check_name("branch", condition.branch, facts.branch));
  if (reason) return reason;
  PIPELINE_ASSIGN(reason, check_name("tag", condition.tag, facts.tag));
  if (reason) return reason;
  if ((reason = check_event(condition.event, facts))) return reason;
  if ((reason = check_params(condition, facts))) return reason;
  if ((reason = check_matrix(condition, cell))) return reason;
  PIPELINE_ASSIGN(reason, check_changed(condition.changed, facts));
  if (reason) return reason;
  return check_negated(condition, facts, cell);
}

std::string describe(const model::Condition& condition) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    text += (text.empty() ? "" : " and ") + part;
  };
  if (!condition.branch.empty()) add("branch " + quoted(condition.branch));
  if (!condition.tag.empty()) add("tag " + quoted(condition.tag));
  if (!condition.event.empty()) add("event " + quoted(condition.event));
  for (const auto& [name, values] : condition.param)
    add("parameter " + name + " " + quoted(values));
  for (const auto& [name, values] : condition.matrix) add(name + " " + quoted(values));
  if (!condition.changed.empty()) add("changes in " + quoted(condition.changed));
  for (const model::Condition& negated : condition.negated) add("not (" + describe(negated) + ")");
  return text;
}

}  // namespace pipeline::plan
