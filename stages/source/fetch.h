// Bringing what is new of a remote repository into its mirror.
#pragma once

#include <filesystem>

#include "stages/source/location.h"
#include "stages/source/mirror.h"
#include "stages/source/source.h"

namespace pipeline::source {

// Fetches branches and tags (and `ref`, when it is a full ref name elsewhere), then resolves `ref`.
// A full commit id that the mirror has already asks nothing of the network.
base::Result<Revision> fetch_remote(const Mirror& mirror, const RemoteLocation& location,
                                    const std::string& ref, const FetchObserver& observer);

}  // namespace pipeline::source
