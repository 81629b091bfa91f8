// Reads a flagd flag file. Strict where flagd only warns: a file that is wrong must stop a release,
// not surprise its users. Hostile bytes are refused, never crash.
#pragma once

#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

// ErrorKind::invalid, with the flag's key and the cause: not JSON, larger than 1 MiB, nested deeper
// than 100, a key outside [A-Za-z0-9._-] (OFREP clients do not escape it), a state that is neither
// ENABLED nor DISABLED, variants missing or of mixed types, a default variant that does not exist,
// an unknown operator, an owner that is no string, an expiry that is neither YYYY-MM-DD nor
// YYYY-MM-DDThh:mm:ssZ. A date without a time means the end of that day, UTC.
//
// A `$ref` to an evaluator that does not exist is an error of that flag's evaluation, as in flagd.
base::Result<FlagSet> read_flags(std::string_view text);

}  // namespace pipeline::toggle
