// Evaluates a flag for a user: OpenFeature's resolution details, as flagd gives them.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

enum class Reason {
  fixed,            // STATIC: no targeting
  by_default,       // DEFAULT: targeting had nothing to say, or there is no default variant
  targeting_match,  // TARGETING_MATCH
  disabled,         // DISABLED: a success without a value; the caller's own default serves
  error,            // ERROR: see `error`; the caller's own default serves
};

enum class EvaluationErrorCode { flag_not_found, parse_error };

struct EvaluationError {
  EvaluationErrorCode code = EvaluationErrorCode::parse_error;
  std::string message;
};

struct Evaluation {
  Reason reason = Reason::error;
  std::optional<std::string> variant;
  std::optional<boost::json::value> value;  // none: the caller's own default serves
  std::optional<EvaluationError> error;     // with Reason::error only
};

// `context` is the user's attributes, `targetingKey` among them. `$flagd.flagKey` and
// `$flagd.timestamp` (Unix seconds of `now`) are put in, over whatever the context says.
Evaluation evaluate(const FlagSet& flags, std::string_view key, const boost::json::object& context,
                    base::TimePoint now);

// As OpenFeature spells them: "TARGETING_MATCH", "FLAG_NOT_FOUND".
std::string_view to_string(Reason reason);
std::string_view to_string(EvaluationErrorCode code);

}  // namespace pipeline::toggle
