// A note in a file beside something immutable: in which boot of the machine it was last known to be
// whole, and what it looked like then. What another boot says, or of another look, counts for
// nothing: it has to be checked again, or made anew.
//
// The file is a lock as well. Whoever makes, checks or takes away the thing holds it; those who
// only use it do not. Safe for several threads and processes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {

class Seal {
 public:
  // Without waiting for anybody. A `look` is any short text without line breaks.
  static bool holds(const std::filesystem::path& file, std::string_view look);

  // Makes the file when missing, and waits until nobody else holds it.
  static base::Result<Seal> lock(const std::filesystem::path& file);
  bool holds(std::string_view look) const { return holds(file_, look); }
  base::Result<> put(std::string_view look) const;

 private:
  Seal(std::filesystem::path file, UniqueFd fd) : file_(std::move(file)), fd_(std::move(fd)) {}
  std::filesystem::path file_;
  UniqueFd fd_;
};

}  // namespace pipeline::host
