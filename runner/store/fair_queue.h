// Whose turn it is, in an environment or for a lock: a file for each place in a queue, lowest
// number first, held by an open-file-description lock that the kernel frees with its process. First
// come, first served: the place with the lowest number that is still held is first, whoever polls
// when.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::store {

class FairQueue {
 public:
  // A place at the end. `directory` is made if need be. `holder` is what others are told of whoever
  // is before them; empty: our pid.
  static base::Result<std::unique_ptr<FairQueue>> join(const std::filesystem::path& directory,
                                                       const std::string& holder = {});
  ~FairQueue();
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;

  // Who is first ("pid 4711", or what its holder said); none: we are. Places of the dead are
  // cleared away.
  base::Result<std::optional<std::string>> first_before_us() const;
  // The words of all others, in the order of the queue.
  struct Others {
    std::vector<std::string> before;
    std::vector<std::string> behind;
  };
  // `say` may answer with new words of ours; meanwhile nobody joins or looks.
  using Say = std::function<std::optional<std::string>(const Others&)>;
  base::Result<Others> look(const Say& say = {}) const;
  // Of a queue that nobody is in, nothing is left; for names that are not met again.
  static void remove_empty(const std::filesystem::path& directory);
  // Who is first in a queue that one is not in; none: nobody. Changes nothing.
  static base::Result<std::optional<std::string>> first(const std::filesystem::path& directory);

 private:
  FairQueue(std::filesystem::path directory, std::uint64_t number, host::UniqueFd file)
      : directory_(std::move(directory)), number_(number), file_(std::move(file)) {}

  std::filesystem::path directory_;
  std::uint64_t number_;
  host::UniqueFd file_;
};

}  // namespace pipeline::store
