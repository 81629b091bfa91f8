#include "pipelines/toggle/evaluate.h"

#include "pipelines/toggle/json_logic.h"
#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

Evaluation failed(EvaluationErrorCode code, std::string message) {
  return {Reason::error, std::nullopt, std::nullopt, EvaluationError{code, std::move(message)}};
}

Evaluation default_of(const Flag& flag, Reason reason) {
  if (!flag.default_variant) return {Reason::by_default, std::nullopt, std::nullopt, std::nullopt};
  return {reason, flag.default_variant, flag.variants.at(*flag.default_variant), std::nullopt};
}

json::object with_properties(const json::object& context, std::string_view key,
                             base::TimePoint now) {
  json::object enriched = context;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  enriched["$flagd"] = json::object{{"flagKey", key}, {"timestamp", seconds}};
  return enriched;
}

Evaluation chosen(const Flag& flag, const json::value& outcome) {
  if (outcome.is_null()) return default_of(flag, Reason::by_default);
  const std::string variant = to_text(outcome);
  const auto found = flag.variants.find(variant);
  if (found == flag.variants.end()) {
    return failed(EvaluationErrorCode::parse_error,
                  "targeting chose the variant \"" + variant + "\", which does not exist");
  }
  return {Reason::targeting_match, variant, found->second, std::nullopt};
}

}  // namespace

Evaluation evaluate(const FlagSet& flags, std::string_view key, const json::object& context,
                    base::TimePoint now) {
  const Flag* flag = flags.find(key);
  if (flag == nullptr) {
    return failed(EvaluationErrorCode::flag_not_found,
                  "no flag is named \"" + std::string(key) + "\"");
  }
  if (flag->state == FlagState::disabled) {
    return {Reason::disabled, std::nullopt, std::nullopt, std::nullopt};
  }
  if (!flag->targeting) return default_of(*flag, Reason::fixed);
  const auto data = with_properties(context, key, now);
  const auto outcome = apply_rule(*flag->targeting, {data, flags.evaluators, key});
  if (!outcome) return failed(EvaluationErrorCode::parse_error, outcome.error().to_string());
  return chosen(*flag, *outcome);
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::fixed:
      return "STATIC";
    case Reason::by_default:
      return "DEFAULT";
    case Reason::targeting_match:
      return "TARGETING_MATCH";
    case Reason::disabled:
      return "DISABLED";
    case Reason::error:
      return "ERROR";
  }
  return "ERROR";
}

std::string_view to_string(EvaluationErrorCode code) {
  switch (code) {
    case EvaluationErrorCode::flag_not_found:
      return "FLAG_NOT_FOUND";
    case EvaluationErrorCode::parse_error:
      return "PARSE_ERROR";
  }
  return "PARSE_ERROR";
}

}  // namespace pipeline::toggle
