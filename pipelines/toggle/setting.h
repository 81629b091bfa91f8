// What an operator has set flags of an environment to, over what the release's file says: the kill
// switch. A setting holds until it is cleared, whatever releases come and go.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

struct Setting {
  std::string value{};  // "off", "on" or the name of a variant, as the operator said it
  std::string by{};     // who
  base::TimePoint at{};
  bool operator==(const Setting&) const = default;
};
using Settings = std::map<std::string, Setting, std::less<>>;  // by key of the flag

// The variant of the flag that `value` means: the one of that name, else for "off" and "on" the one
// whose value is false or true. None: it has no such variant.
std::optional<std::string> variant_meant(const Flag& flag, std::string_view value);

// The flags as they are to be served: one with a setting evaluates to its variant, for everybody,
// also when the file disables it. One whose variant the file does not have any more is disabled:
// the program's own default is safer than rules that were switched off. A setting of a flag that is
// not there does nothing.
FlagSet with_settings(FlagSet flags, const Settings& settings);

}  // namespace pipeline::toggle
