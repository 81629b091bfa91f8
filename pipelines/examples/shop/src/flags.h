// The one toggle that the shop has, from a flagd file. It looks for the default variant of a
// boolean flag without targeting, which is all that its files use; a shop with more toggles would
// take an OpenFeature SDK.
#pragma once

#include <string>

// Whether the flag's default variant is "on". A flag that is not there is off.
bool is_on(const std::string& flag_file, const std::string& flag);
