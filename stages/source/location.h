// Where a repository is, read from what a user wrote. Pure but for asking the file system what a
// path really is.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "pipelines/base/result.h"

namespace pipeline::source {

struct LocalLocation {
  std::filesystem::path path;  // as given, absolute; a repository or below one
};

struct RemoteLocation {
  std::string url;  // what is fetched from, credentials included
  std::string key;  // the same without credentials: may be shown and stored
};

using Location = std::variant<LocalLocation, RemoteLocation>;

// A path, a file:// URL (which becomes a plain path: six times faster than git's own protocol on
// it), http://, https:// or git://. Anything else is ErrorKind::invalid with what to write instead.
base::Result<Location> parse_location(const std::string& text);

// A text for people with no user name and no password in any of its URLs: these often are tokens.
std::string without_credentials(std::string text);

// The directory name of a repository's mirror: readable, unique.
std::string mirror_name(const std::string& key);

}  // namespace pipeline::source
