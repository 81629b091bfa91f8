// Colour for people. Every display paints through here, so that a pipe, a file, `--no-color` and
// NO_COLOR get the same words without it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/config/diagnostic.h"
#include "pipelines/run/outcome.h"

namespace pipeline::render {

using config::Color;

enum class Tint { none, bold, dim, good, bad, warn, odd };

std::string paint(std::string_view text, Tint tint, Color color);

// Failed and errored never look alike: one is the user's command, the other is our side.
Tint tint_of(run::JobStatus status);
Tint tint_of(run::RunStatus status);

}  // namespace pipeline::render
