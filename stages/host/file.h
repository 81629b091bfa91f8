// Whole small files, and the few calls on descriptors that everybody needs. Paths are the user's
// words in messages: every error names the path and the attempt. Blocking; safe from any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

inline constexpr std::size_t kReadLimit = std::size_t{64} << 20U;

// open(2) with O_CLOEXEC, retried when interrupted.
base::Result<UniqueFd> open_file(const std::filesystem::path& path, int flags, mode_t mode = 0644);

// All bytes up to the end of the file; ErrorKind::exhausted beyond `limit`, so that a hostile file
// costs no more than that.
base::Result<std::string> read_file(const std::filesystem::path& path,
                                    std::size_t limit = kReadLimit);
base::Result<std::string> read_all(int fd, std::size_t limit = kReadLimit);
base::Result<> write_all(int fd, std::string_view bytes);

// `synced` survives a power cut once the call has returned; `cached` survives only the death of the
// process.
enum class Durability { cached, synced };

// Readers see the old file or the new one, never a part: a temporary file beside it, then rename.
base::Result<> write_file(const std::filesystem::path& path, std::string_view bytes,
                          Durability durability = Durability::synced, mode_t mode = 0644);

// Makes its time now. False when there is none, or it cannot be: whoever asks goes on without.
bool touch(const std::filesystem::path& path);
// When that was, or when it was written last; none: there is no such file.
std::optional<base::TimePoint> touched(const std::filesystem::path& path);

}  // namespace pipeline::host
