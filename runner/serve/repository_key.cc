#include "runner/serve/repository_key.h"

#include <algorithm>

#include "runner/serve/hosted.h"
#include "stages/source/location.h"

namespace pipeline::serve {

std::string repository_key(const store::RepositoryEntry& entry, const store::Paths& paths) {
  std::string address = address_of(entry, paths);
  const auto location = source::parse_location(address);
  if (!location) return address;
  if (const auto* remote = std::get_if<source::RemoteLocation>(&*location)) return remote->key;
  std::error_code error;
  const auto path =
      std::filesystem::weakly_canonical(std::get<source::LocalLocation>(*location).path, error);
  return error ? address : path.string();
}

std::optional<store::RepositoryEntry> repository_with_key(
    const std::vector<store::RepositoryEntry>& all, const std::string& key,
    const store::Paths& paths) {
  const auto found = std::ranges::find_if(
      all, [&](const store::RepositoryEntry& one) { return repository_key(one, paths) == key; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

}  // namespace pipeline::serve
