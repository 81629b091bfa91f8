#include "pipelines/toggle/setting.h"

#include <algorithm>

namespace pipeline::toggle {

std::optional<std::string> variant_meant(const Flag& flag, std::string_view value) {
  std::string name(value);
  if (flag.variants.contains(name)) return name;
  if (value != "on" && value != "off") return std::nullopt;
  const auto found = std::ranges::find_if(flag.variants, [&](const auto& variant) {
    return variant.second == boost::json::value(value == "on");
  });
  if (found == flag.variants.end()) return std::nullopt;
  return found->first;
}

FlagSet with_settings(FlagSet flags, const Settings& settings) {
  for (const auto& [key, setting] : settings) {
    const auto found = flags.flags.find(key);
    if (found == flags.flags.end()) continue;
    Flag& flag = found->second;
    flag.default_variant = variant_meant(flag, setting.value);
    flag.state = flag.default_variant ? FlagState::enabled : FlagState::disabled;
    flag.targeting.reset();
  }
  return flags;
}

}  // namespace pipeline::toggle
