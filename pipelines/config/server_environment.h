// Environments that a server defines for a repository, so that no branch of it changes them: where
// the server has one, the table of that name in the files does not count, and need not be there.
// Pure.
//
// A definition is the text of a TOML file with one table [environment.NAME], as a pipeline has it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/config/diagnostic.h"
#include "pipelines/config/node.h"
#include "pipelines/config/problems.h"

namespace pipeline::config {

struct IncludedFile;
struct Draft;

using ServerEnvironments = std::map<std::string, std::string>;  // name → definition

// All that is wrong with a definition by itself; what only the whole pipeline can tell is seen when
// one is read with it.
std::vector<Diagnostic> check_server_environment(const std::string& name, std::string_view text);

// Puts them into the root table in the place of those that it has. `files` is added to: what places
// in definitions are in.
void put_server_environments(const ServerEnvironments& environments, Node& root,
                             std::vector<IncludedFile>& files, Problems& problems);

// A strategy that a definition says counts for the deploy stages too, whatever they say themselves.
// `files` as it has become.
void settle_strategies(const std::vector<IncludedFile>& files, Draft& draft, Problems& problems);

}  // namespace pipeline::config
