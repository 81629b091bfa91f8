// The sections of a TOML text by its lines alone: a header and what follows it. Works on text that
// does not parse, so it is a good guess and no more.
#pragma once

#include <cstdint>
#include <string>

namespace pipeline::config {

// Replaces what stands between the header above `line` (or the start) and the next header (or the
// end) by spaces; line ends stay. False when `line` itself is a header: without it, the tables
// below would be parts of another one.
bool blank_section(std::string& text, std::uint32_t line);

}  // namespace pipeline::config
