// Caches: directories that survive runs under a key, best effort. What a key names is a layer
// (layer_store.h), so restoring one copies nothing, and replacing one is a rename.
//
// Trust: entries belong to a repository and to a side. A trusted run reads and writes the trusted
// side only. An untrusted one (a pull request from a fork) writes its own side and reads that, then
// the trusted one: what it wrote never reaches a trusted run.
//
// Layout below the store's directory:
//   layers/                  a LayerStore of its own
//   use/<hex>                locked, shared, by whoever has that layer in a workspace
//   entries/<scope>/<name>   one entry: lines of digest, size and key; its time is its last use
//   lock                     held while entries are replaced or thrown out
//
// Safe for concurrent calls from several threads and processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/workspace/layer_store.h"

namespace pipeline::workspace {

enum class Trust { trusted, untrusted };

struct CacheScope {
  std::string repository;
  Trust trust = Trust::trusted;
};

// A cache in a workspace. As long as it lives, its layer is not thrown out.
struct RestoredCache {
  std::string key;
  std::filesystem::path layer;
  host::UniqueFd in_use;
};

class CacheStore {
 public:
  // `budget`: bytes of all entries together; beyond it the least recently used are thrown out.
  CacheStore(std::filesystem::path directory, std::uint64_t budget);

  // The first of the keys that there is an entry for; it counts as used now. An entry whose layer
  // is gone or damaged is thrown out and passed over.
  base::Result<std::optional<RestoredCache>> restore(const CacheScope& scope,
                                                     const std::vector<std::string>& keys) const;

  // Saves the file or directory `path` of a workspace as `key`, in place of what was there; of two
  // that save at once the later one stays. Success too when there is nothing at `path`, and when
  // the job changed nothing of it. ErrorKind::failed for what cannot be kept: devices, and more
  // than the budget allows.
  base::Result<> save(const CacheScope& scope, const std::string& key, const Leftovers& leftovers,
                      const std::string& path, Take take) const;

 private:
  std::filesystem::path entries_of(const std::string& repository, Trust trust) const;
  base::Result<std::optional<RestoredCache>> open_entry(const std::filesystem::path& file) const;
  base::Result<host::UniqueFd> use(const base::Digest& digest) const;
  base::Result<> put_entry(const std::filesystem::path& file, const std::string& text) const;
  void throw_out_oldest() const;
  void remove_unless_used(const base::Digest& digest) const;

  std::filesystem::path directory_;
  std::uint64_t budget_;
  LayerStore layers_;
};

}  // namespace pipeline::workspace
