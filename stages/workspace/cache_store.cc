#include "stages/workspace/cache_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"

namespace pipeline::workspace {

namespace fs = std::filesystem;
using base::Digest;
using base::Result;
using host::UniqueFd;

namespace {

struct EntryText {
  Digest digest;
  std::uint64_t size = 0;
  std::string key;
};

struct NamedEntry {
  fs::path file;
  fs::file_time_type used;
  EntryText text;
};

std::string to_text(const EntryText& entry) {
  return entry.digest.hex() + "\n" + std::to_string(entry.size) + "\n" + entry.key + "\n";
}

// None for what is damaged: it is passed over, and replaced by the next save.
std::optional<EntryText> read_entry(const fs::path& file) {
  const auto text = host::read_file(file);
  if (!text) return std::nullopt;
  const std::vector<std::string> lines = base::split(*text, '\n');
  if (lines.size() != 4) return std::nullopt;
  const auto digest = Digest::parse(lines[0]);
  std::uint64_t size = 0;
  const char* const end = lines[1].data() + lines[1].size();
  if (!digest || std::from_chars(lines[1].data(), end, size).ptr != end) return std::nullopt;
  return EntryText{*digest, size, lines[2]};
}

enum class Wait { no, yes };

// Open-file-description locks: freed by the kernel with the descriptor, whoever dies.
Result<UniqueFd> lock_file(const fs::path& file, short type, Wait wait) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  PIPELINE_ASSIGN(UniqueFd fd, host::open_file(file, O_RDWR | O_CREAT));
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  while (::fcntl(fd.get(), wait == Wait::yes ? F_OFD_SETLKW : F_OFD_SETLK, &lock) != 0) {
    if (errno == EINTR) continue;
    return base::fail(base::Error::from_errno(errno, "lock " + file.string()));
  }
  return fd;
}

std::uint64_t size_of(const fs::path& directory) {
  std::uint64_t size = 0;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(directory, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && !entry->is_symlink(unknown)) {
      size += entry->file_size(unknown);
    }
  }
  return size;
}

// Whether the job left anything at `path` that it was not given.
bool has_changes(const Leftovers& leftovers, const std::string& path) {
  std::error_code error;
  return leftovers.complete || fs::exists(fs::symlink_status(leftovers.upper / path, error));
}

std::vector<NamedEntry> entries_below(const fs::path& directory) {
  std::vector<NamedEntry> entries;
  std::error_code error;
  for (const auto& scope : fs::directory_iterator(directory, error)) {
    std::error_code unreadable;
    for (const auto& file : fs::directory_iterator(scope.path(), unreadable)) {
      auto text = read_entry(file.path());
      std::error_code gone;
      const auto used = fs::last_write_time(file.path(), gone);
      if (text && !gone) entries.push_back({file.path(), used, *std::move(text)});
    }
  }
  return entries;
}

}  // namespace

CacheStore::CacheStore(fs::path directory, std::uint64_t budget)
    : directory_(std::move(directory)), budget_(budget), layers_(directory_ / "layers") {}

fs::path CacheStore::entries_of(const std::string& repository, Trust trust) const {
  const std::string side = trust == Trust::trusted ? "-trusted" : "-untrusted";
  return directory_ / "entries" / (host::sha256(repository).hex() + side);
}

Result<UniqueFd> CacheStore::use(const Digest& digest) const {
  return lock_file(directory_ / "use" / digest.hex(), F_RDLCK, Wait::yes);
}

Result<std::optional<RestoredCache>> CacheStore::open_entry(const fs::path& file) const {
  const auto entry = read_entry(file);
  if (!entry) return std::nullopt;
  // Before it is looked for: afterwards nobody throws it out any more.
  PIPELINE_ASSIGN(UniqueFd in_use, use(entry->digest));
  auto layer = layers_.find(entry->digest);
  std::error_code error;
  if (!layer) {
    fs::remove(file, error);
    return std::nullopt;
  }
  fs::last_write_time(file, fs::file_time_type::clock::now(), error);
  return RestoredCache{entry->key, *std::move(layer), std::move(in_use)};
}

Result<std::optional<RestoredCache>> CacheStore::restore(
    const CacheScope& scope, const std::vector<std::string>& keys) const {
  std::vector<Trust> sides = {scope.trust};
  if (scope.trust == Trust::untrusted) sides.push_back(Trust::trusted);
  for (const std::string& key : keys) {
    for (const Trust side : sides) {
      PIPELINE_ASSIGN(auto found,
                      open_entry(entries_of(scope.repository, side) / host::sha256(key).hex()));
      if (found) return found;
    }
  }
  return std::nullopt;
}

Result<> CacheStore::save(const CacheScope& scope, const std::string& key,
                          const Leftovers& leftovers, const std::string& path, Take take) const {
  if (!has_changes(leftovers, path)) return {};
  PIPELINE_ASSIGN(const MergedView seen, view_of(leftovers));
  PIPELINE_ASSIGN(const auto top, seen.find(path));
  if (!top) return {};
  PIPELINE_ASSIGN(const Digest digest, layers_.collect(leftovers, {path}, budget_, take));
  // Held until the entry names it.
  PIPELINE_ASSIGN(const UniqueFd in_use, use(digest));
  PIPELINE_ASSIGN(const fs::path layer, layers_.find(digest));
  const fs::path file = entries_of(scope.repository, scope.trust) / host::sha256(key).hex();
  PIPELINE_TRY(put_entry(file, to_text({digest, size_of(layer), key})));
  throw_out_oldest();
  return {};
}

Result<> CacheStore::put_entry(const fs::path& file, const std::string& text) const {
  PIPELINE_ASSIGN(const UniqueFd lock, lock_file(directory_ / "lock", F_WRLCK, Wait::yes));
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  const auto before = read_entry(file);
  PIPELINE_TRY(host::write_file(file, text, host::Durability::cached));
  if (!before) return {};
  const auto named = entries_below(directory_ / "entries");
  const auto names_it = [&](const NamedEntry& entry) {
    return entry.text.digest == before->digest;
  };
  if (std::ranges::none_of(named, names_it)) remove_unless_used(before->digest);
  return {};
}

void CacheStore::throw_out_oldest() const {
  const auto lock = lock_file(directory_ / "lock", F_WRLCK, Wait::yes);
  if (!lock) return;
  std::vector<NamedEntry> entries = entries_below(directory_ / "entries");
  std::ranges::sort(entries, std::greater(), &NamedEntry::used);
  std::uint64_t total = 0;
  std::set<Digest> kept;
  for (const NamedEntry& entry : entries) {
    // Two entries may name one layer, which counts once.
    if (!kept.contains(entry.text.digest)) total += entry.text.size;
    if (total <= budget_) {
      kept.insert(entry.text.digest);
      continue;
    }
    total -= entry.text.size;
    std::error_code error;
    fs::remove(entry.file, error);
    remove_unless_used(entry.text.digest);
  }
}

// The caller holds the lock, and no entry names the layer any more. One that a job has in its
// workspace stays.
void CacheStore::remove_unless_used(const Digest& digest) const {
  const fs::path use = directory_ / "use" / digest.hex();
  if (!lock_file(use, F_WRLCK, Wait::no)) return;
  if (!layers_.remove(digest)) return;
  std::error_code error;
  fs::remove(use, error);
}

}  // namespace pipeline::workspace
