#include "runner/server/ofrep/evaluation_messages.h"

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/toggle/evaluate.h"
#include "pipelines/toggle/targeting_key.h"

namespace pipeline::ofrep {

namespace {

namespace json = boost::json;
using toggle::Evaluation;
using toggle::EvaluationErrorCode;
using toggle::Reason;

constexpr const char* kTargetingKey = "targetingKey";

tl::unexpected<Refusal> refused(std::string_view code, std::string details) {
  return tl::unexpected(Refusal{.code = code, .details = std::move(details)});
}

// Values that OpenFeature has no word for are left out.
json::object metadata_of(const toggle::Flag& flag) {
  json::object metadata;
  for (const auto& entry : flag.metadata)
    if (entry.value().is_primitive() && !entry.value().is_null())
      metadata.emplace(entry.key(), entry.value());
  return metadata;
}

Answer failed(std::string_view key, const Refusal& refusal) {
  return {refusal.status, json_of(refusal, key)};
}

Answer failed(std::string_view key, const toggle::EvaluationError& error) {
  const bool is_unknown = error.code == EvaluationErrorCode::flag_not_found;
  return failed(key, Refusal{.status = is_unknown ? 404U : 400U,
                             .code = to_string(error.code),
                             .details = error.message});
}

bool misses_targeting_key(const toggle::FlagSet& flags, const toggle::Flag& flag,
                          const json::object& context, const Evaluation& evaluation) {
  return evaluation.reason == Reason::by_default && !context.contains(kTargetingKey) &&
         buckets_by_targeting_key(flags, flag);
}

}  // namespace

tl::expected<json::object, Refusal> context_in(std::string_view body) {
  json::error_code error;
  json::value value = json::parse(body, error);
  if (error) return refused("PARSE_ERROR", "the body is not JSON: " + error.message());
  auto* const object = value.if_object();
  auto* const context = object == nullptr ? nullptr : object->if_contains("context");
  if (context == nullptr || !context->is_object())
    return refused("INVALID_CONTEXT", "the body has to be an object with an object \"context\"");
  const auto* const key = context->get_object().if_contains(kTargetingKey);
  if (key != nullptr && !key->is_string())
    return refused("INVALID_CONTEXT", "\"targetingKey\" is not a text");
  return std::move(context->get_object());
}

Answer evaluate_one(const toggle::FlagSet& flags, std::string_view key, const json::object& context,
                    base::TimePoint now) {
  const Evaluation evaluation = toggle::evaluate(flags, key, context, now);
  if (evaluation.error) return failed(key, *evaluation.error);
  const toggle::Flag& flag = *flags.find(key);
  if (misses_targeting_key(flags, flag, context, evaluation))
    return failed(key, Refusal{.code = "TARGETING_KEY_MISSING",
                               .details = "the flag tells users apart by their targetingKey"});
  json::object body{{"key", key}, {"reason", to_string(evaluation.reason)}};
  if (evaluation.value) body["value"] = *evaluation.value;
  if (evaluation.variant) body["variant"] = *evaluation.variant;
  if (json::object metadata = metadata_of(flag); !metadata.empty())
    body["metadata"] = std::move(metadata);
  return {200, std::move(body)};
}

json::array evaluate_all(const toggle::FlagSet& flags, const json::object& context,
                         base::TimePoint now) {
  json::array all;
  for (const auto& [key, flag] : flags.flags)
    all.push_back(evaluate_one(flags, key, context, now).body);
  return all;
}

json::object json_of(const Refusal& refusal, std::string_view key) {
  json::object body;
  if (!key.empty()) body["key"] = key;
  body["errorCode"] = refusal.code;
  body["errorDetails"] = refusal.details;
  return body;
}

}  // namespace pipeline::ofrep
