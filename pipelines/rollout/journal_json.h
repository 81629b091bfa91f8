// Journal entries as JSON, one object each: the form the store keeps.
//   {"at":1763900000000000,"entry":"entered","state":"shifting","batch":1,…}
// Field names are the members' names. Times are microseconds since 1970, durations milliseconds.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/rollout/journal_entry.h"

namespace pipeline::rollout {

std::string to_json(const Entry& entry);
// Unknown fields are ignored, missing ones keep their default; an unknown entry, a wrong type or a
// value out of range is ErrorKind::corrupt.
base::Result<Entry> entry_from_json(std::string_view text);

// Whether two definitions say the same, wherever they stand in their files.
bool same_definition(const model::Environment& one, const model::Environment& other);

}  // namespace pipeline::rollout
