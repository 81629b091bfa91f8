// Feature flags as values, in flagd's words (flagd.dev, "Flag definitions"). Made by flag_file.h,
// never changed afterwards; safe to share between threads.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"

namespace pipeline::toggle {

enum class FlagState { enabled, disabled };

struct Flag {
  std::string key;
  FlagState state = FlagState::enabled;
  std::map<std::string, boost::json::value> variants;  // name → value, all of one JSON type
  std::optional<std::string> default_variant;          // none: the caller's own default decides
  std::optional<boost::json::value> targeting;         // a JsonLogic rule; none: no targeting
  boost::json::object metadata;           // what is the same for the whole set, filled in
  std::string owner;                      // metadata.owner; empty: none
  std::optional<base::TimePoint> expiry;  // metadata.expiry: from this instant on the flag is stale
};

struct FlagSet {
  std::map<std::string, Flag, std::less<>> flags;
  std::map<std::string, boost::json::value, std::less<>> evaluators;  // shared rules, `$ref`

  const Flag* find(std::string_view key) const;
};

}  // namespace pipeline::toggle
