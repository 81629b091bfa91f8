// Whether a server could start: what `pipeline serve --check` looks at. Nothing is changed, nothing
// stays bound, and a server that is running is not disturbed.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/cli/finding.h"
#include "runner/settings/server_settings.h"
#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"

namespace pipeline::serve {

// `database` is that of `paths`, which need not exist.
std::vector<cli::Finding> look_before_start(const settings::ServerSettings& settings,
                                            const store::Paths& paths,
                                            const store::DatabaseKeeper& database,
                                            base::TimePoint now);

// The parts that are of use to a server that runs, too.
cli::Finding look_at_certificate(const http::TlsFiles& files, base::TimePoint now);
cli::Finding look_at_disk(const std::filesystem::path& directory);
cli::Finding look_at_database(const store::DatabaseKeeper& database);

}  // namespace pipeline::serve
