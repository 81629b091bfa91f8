// A log file that cannot fill the disk: past its limit the file becomes the older one of two, and
// what the older one held is gone. One thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "stages/host/unique_fd.h"

namespace pipeline::deploy::process {

class BoundedLog {
 public:
  BoundedLog(std::filesystem::path file, std::filesystem::path older, std::size_t limit)
      : file_(std::move(file)), older_(std::move(older)), limit_(limit) {}

  // Never fails: an instance must not end because its log cannot be written.
  void append(std::string_view bytes);

 private:
  void open();

  std::filesystem::path file_;
  std::filesystem::path older_;
  std::size_t limit_;
  std::size_t size_ = 0;
  host::UniqueFd fd_;
};

}  // namespace pipeline::deploy::process
