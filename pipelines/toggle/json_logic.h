// JsonLogic (jsonlogic.com) with flagd's operators. Pure and bounded: a rule may nest 100 deep and
// cost 100,000 steps for one evaluation; more is an error, as is an unknown operator.
//
// Semantics are those of json-logic-js, which all implementations agree on for the rules people
// write: JavaScript's loose `==`, numbers out of strings, an empty array is falsy.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::toggle {

using Evaluators = std::map<std::string, boost::json::value, std::less<>>;

// What one evaluation is made against. Refers to the caller's data.
struct LogicInput {
  const boost::json::object& data;  // the evaluation context, `$flagd` included
  const Evaluators& evaluators;     // what `$ref` finds
  std::string_view flag_key;  // in front of the targeting key when `fractional` names no value
};

// ErrorKind::invalid for an operator or `$ref` that does not exist, ErrorKind::exhausted beyond the
// bounds. An operator that is given nonsense is null, not an error: the default variant then
// serves.
base::Result<boost::json::value> apply_rule(const boost::json::value& rule,
                                            const LogicInput& input);

// Whether every operator of the rule exists; the error names the one that does not.
base::Result<> check_rule(const boost::json::value& rule);

}  // namespace pipeline::toggle
