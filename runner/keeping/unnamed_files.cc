#include "runner/keeping/unnamed_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "runner/keeping/names_in.h"
#include "stages/host/file.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using base::Error;
using base::Result;

namespace {

constexpr std::string_view kAside = ".aside";

// A witness that is not there says nothing.
bool is_young(const DigestFiles& files, const fs::path& file, const fs::path& named,
              base::TimePoint before) {
  const auto own = host::touched(file);
  if (!own || *own >= before) return true;
  if (files.witness.empty()) return false;
  const auto witness = host::touched(named.string() + files.witness);
  return witness && *witness >= before;
}

fs::path place_of(const DigestFiles& files, const base::Digest& digest) {
  return files.directory / (digest.hex() + files.suffix);
}

std::optional<base::Digest> digest_of(const std::string& name, const std::string& suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const auto digest = base::Digest::parse(name.substr(0, name.size() - suffix.size()));
  // It must be written in this one way.
  if (!digest || digest->hex() + suffix != name) return std::nullopt;
  return *digest;
}

}  // namespace

Result<std::vector<UnnamedFile>> unnamed_in(const DigestFiles& files,
                                            const std::set<base::Digest>& named,
                                            base::TimePoint before) {
  PIPELINE_ASSIGN(const auto names, names_in(files.directory));
  std::vector<UnnamedFile> unnamed;
  for (const std::string& name : names) {
    const auto digest = digest_of(name, files.suffix);
    const fs::path file = files.directory / name;
    if (!digest || named.contains(*digest) || is_young(files, file, file, before)) continue;
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) continue;
    const std::uintmax_t size = fs::file_size(file, error);
    if (!error) unnamed.push_back({*digest, size});
  }
  return unnamed;
}

Result<bool> take_away(const DigestFiles& files, const base::Digest& digest,
                       base::TimePoint before) {
  const fs::path file = place_of(files, digest);
  const fs::path aside = file.string() + std::string(kAside);
  if (::rename(file.c_str(), aside.c_str()) != 0) {
    if (errno == ENOENT) return false;
    return base::fail(Error::from_errno(errno, "remove " + file.string()));
  }
  if (is_young(files, aside, file, before)) {
    // Over one that came meanwhile: the same bytes.
    if (::rename(aside.c_str(), file.c_str()) == 0) return false;
    return base::fail(Error::from_errno(errno, "keep " + file.string()));
  }
  if (::unlink(aside.c_str()) == 0) return true;
  return base::fail(Error::from_errno(errno, "remove " + aside.string()));
}

Result<> bring_back(const DigestFiles& files) {
  PIPELINE_ASSIGN(const auto names, names_in(files.directory));
  for (const std::string& name : names) {
    if (!name.ends_with(kAside)) continue;
    const fs::path aside = files.directory / name;
    const fs::path file = files.directory / name.substr(0, name.size() - kAside.size());
    std::error_code error;
    const bool has_come_again = fs::exists(file, error);
    if (has_come_again ? ::unlink(aside.c_str()) != 0 : ::rename(aside.c_str(), file.c_str()) != 0)
      return base::fail(Error::from_errno(errno, "bring back " + file.string()));
  }
  return {};
}

}  // namespace pipeline::keeping
