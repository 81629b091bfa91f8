// What the refs of a repository are at, without fetching anything.
#pragma once

#include <map>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::source {

// By their full names, each with the id of its object: a commit's, or an annotated tag's own.
using Refs = std::map<std::string, std::string>;

// `location` is a path or a URL, as Source::fetch() takes it, and fails in the same way. Blocks;
// safe from several threads at once.
base::Result<Refs> refs_at(const std::string& location);

// Who moved a ref there, as the reflog of a repository on this machine has it; empty: it does not
// say.
base::Result<std::string> moved_by(const std::string& location, const std::string& ref,
                                   const std::string& id);

}  // namespace pipeline::source
