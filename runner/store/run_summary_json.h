// A run's line in a listing as JSON: what `pipeline runs --json` and the API say.
#pragma once

#include <string>

#include "runner/store/run_store.h"

namespace pipeline::store {

std::string to_json(const RunSummary& run);

}  // namespace pipeline::store
