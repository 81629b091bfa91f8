#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

const Flag* FlagSet::find(std::string_view key) const {
  const auto found = flags.find(key);
  return found == flags.end() ? nullptr : &found->second;
}

}  // namespace pipeline::toggle
