// The page that tells every setting (runner/serve/SERVER_TOML.md), made from the declarations.
#pragma once

#include <string>

namespace pipeline::settings {

// Markdown.
std::string settings_reference();

}  // namespace pipeline::settings
