// What is here, brought to a repository that is elsewhere.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::source {

// Makes the ref `to` of the repository at the URL, credentials included, what `from` is here; what
// it has already is not sent. Blocking; safe from several threads at once.
base::Result<> push_ref(const std::filesystem::path& repository, const std::string& from,
                        const std::string& url, const std::string& to);

}  // namespace pipeline::source
