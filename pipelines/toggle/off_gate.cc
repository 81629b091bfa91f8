#include "pipelines/toggle/off_gate.h"

#include <optional>

#include "pipelines/toggle/evaluate.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

constexpr int kSampledUsers = 4096;

bool is_off(const Evaluation& evaluation) {
  if (evaluation.value && evaluation.value->is_bool()) return !evaluation.value->get_bool();
  return evaluation.variant == "off";
}

std::string described(const Evaluation& evaluation) {
  if (evaluation.error) return "cannot be evaluated: " + evaluation.error->message;
  if (evaluation.reason == Reason::disabled) {
    return "is disabled, so the program's own default decides; enable it with \"off\" as its "
           "default "
           "variant";
  }
  if (!evaluation.variant) return "has no default variant, so the program's own default decides";
  return "evaluates to \"" + *evaluation.variant + "\" for a user whom no rule lists";
}

// Why the toggle is not off; none when it is.
std::optional<std::string> why_on(const FlagSet& flags, const std::string& key,
                                  base::TimePoint now) {
  const auto anonymous = evaluate(flags, key, {}, now);
  if (!is_off(anonymous)) return described(anonymous);
  int on = 0;
  std::optional<Evaluation> first;
  for (int user = 0; user < kSampledUsers; ++user) {
    const json::object context{{"targetingKey", "unlisted-user-" + std::to_string(user)}};
    auto evaluation = evaluate(flags, key, context, now);
    if (is_off(evaluation)) continue;
    if (on++ == 0) first = std::move(evaluation);
  }
  if (on == 0) return std::nullopt;
  return described(*first) + " (" + std::to_string(on) + " of " + std::to_string(kSampledUsers) +
         " sampled users)";
}

std::optional<std::string> why_not(const FlagSet& flags, const std::string& key,
                                   base::TimePoint now) {
  const Flag* flag = flags.find(key);
  if (flag == nullptr) return "does not exist in the flag file";
  if (flag->owner.empty()) return "has no owner (metadata.owner)";
  if (!flag->expiry) return "has no expiry (metadata.expiry)";
  if (*flag->expiry <= now) return "has passed its expiry; remove the toggle or extend it";
  return why_on(flags, key, now);
}

}  // namespace

OffDecision decide_off(const FlagSet& flags, const std::vector<std::string>& keys,
                       base::TimePoint now) {
  OffDecision decision{true, {}};
  for (const auto& key : keys) {
    const auto reason = why_not(flags, key, now);
    if (reason) decision.passed = false;
    decision.findings.push_back("toggle " + key + " " + reason.value_or("is off"));
  }
  return decision;
}

}  // namespace pipeline::toggle
