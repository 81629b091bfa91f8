// Whose turn it is in an environment: a file for each place in its queue, lowest number first, held
// by an open-file-description lock that the kernel frees with its process. First come, first
// served: the place with the lowest number that is still held is first, whoever polls when.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::store {

class EnvironmentQueue {
 public:
  // A place at the end. `directory` is made if need be.
  static base::Result<std::unique_ptr<EnvironmentQueue>> join(
      const std::filesystem::path& directory);
  ~EnvironmentQueue();
  EnvironmentQueue(const EnvironmentQueue&) = delete;
  EnvironmentQueue& operator=(const EnvironmentQueue&) = delete;

  // "pid 4711" of whoever is first; none: we are. Places of the dead are cleared away.
  base::Result<std::optional<std::string>> first_before_us() const;
  // Who is first in a queue that one is not in; none: nobody. Changes nothing.
  static base::Result<std::optional<std::string>> first(const std::filesystem::path& directory);

 private:
  EnvironmentQueue(std::filesystem::path directory, std::uint64_t number, host::UniqueFd file)
      : directory_(std::move(directory)), number_(number), file_(std::move(file)) {}

  std::filesystem::path directory_;
  std::uint64_t number_;
  host::UniqueFd file_;
};

}  // namespace pipeline::store
