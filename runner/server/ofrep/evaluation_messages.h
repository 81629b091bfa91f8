// What applications ask of flags and are answered, as JSON: OFREP 0.3.0,
// https://github.com/open-feature/protocol, service/openapi.yaml.
//   asked     {"context":{"targetingKey":"user-1","plan":"pro"}}
//   answered  {"key":"dark","value":true,"variant":"on","reason":"TARGETING_MATCH","metadata":{…}}
//   refused   {"key":"dark","errorCode":"FLAG_NOT_FOUND","errorDetails":"…"}
// A `value` that is absent means the program's own default. Its reasons are OpenFeature's, DEFAULT
// among them, as flagd's are; the document lists no DEFAULT, and no provider holds it against one.
// Pure; safe from any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/flag.h"

namespace pipeline::ofrep {

// Why nothing was evaluated, in the words of the protocol.
struct Refusal {
  unsigned status = 400;
  std::string_view code;  // "PARSE_ERROR"
  std::string details;
};

// The context of a request's body. PARSE_ERROR for what is no JSON, or nests deeper than 32,
// INVALID_CONTEXT when there is none, or its targetingKey is no text.
tl::expected<boost::json::object, Refusal> context_in(std::string_view body);

struct Answer {
  unsigned status = 200;
  boost::json::object body;
};

// One flag for one user. TARGETING_KEY_MISSING when its rule tells users apart by a key that the
// context has not, and nothing else in the rule has decided.
Answer evaluate_one(const toggle::FlagSet& flags, std::string_view key,
                    const boost::json::object& context, base::TimePoint now);
// All flags, by key: each as evaluate_one() answers, whatever its status.
boost::json::array evaluate_all(const toggle::FlagSet& flags, const boost::json::object& context,
                                base::TimePoint now);

// As a body; `key` is empty where the refusal is not of one flag.
boost::json::object json_of(const Refusal& refusal, std::string_view key = {});

}  // namespace pipeline::ofrep
