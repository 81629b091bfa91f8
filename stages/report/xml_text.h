// Makes XML of what tools write and call XML: their output goes into reports as it is, with colours
// and control characters that XML forbids even when they are escaped.
#pragma once

#include <string>
#include <string_view>

namespace pipeline::report {

// The same document with terminal escape sequences left out, and characters that XML 1.0 has no
// room for (also as `&#27;`, also broken UTF-8) as U+FFFD. No line is added or taken. UTF-16 and
// encodings that are declared to be others than UTF-8 keep their bytes above 127.
std::string as_xml(std::string_view bytes);

// The encoding that the XML declaration names, in lower case; empty: none, or no ASCII text.
std::string declared_encoding(std::string_view bytes);

}  // namespace pipeline::report
