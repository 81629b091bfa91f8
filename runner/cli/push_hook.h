// `pipeline init --hook`: git's pre-push hook, so that nothing is pushed that the pipeline refuses.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::cli {

// The whole hook; git's protocol on standard input is nothing to a run.
inline constexpr const char* kPushHook = R"(#!/bin/sh
# Written by `pipeline init --hook`: what the pipeline refuses is not pushed.
# `git push --no-verify` pushes all the same.
exec pipeline run < /dev/null
)";

// Writes it where git looks for it. What there is already is never touched, but that the hook may
// be run: ErrorKind::invalid then, and the hint has the line to add to it. Returns what to tell the
// user.
base::Result<std::string> install_push_hook(const std::filesystem::path& directory);

}  // namespace pipeline::cli
