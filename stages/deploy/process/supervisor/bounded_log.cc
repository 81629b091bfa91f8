#include "stages/deploy/process/supervisor/bounded_log.h"

#include <fcntl.h>

#include "stages/host/file.h"

namespace pipeline::deploy::process {

void BoundedLog::append(std::string_view bytes) {
  if (!fd_) open();
  if (size_ >= limit_) {
    std::error_code ignored;
    std::filesystem::rename(file_, older_, ignored);
    fd_.reset();
    open();
  }
  size_ += bytes.size();
  static_cast<void>(host::write_all(fd_.get(), bytes));
}

void BoundedLog::open() {
  if (auto fd = host::open_file(file_, O_CREAT | O_WRONLY | O_APPEND, 0600)) fd_ = *std::move(fd);
  std::error_code error;
  const auto size = std::filesystem::file_size(file_, error);
  size_ = error ? 0 : static_cast<std::size_t>(size);
}

}  // namespace pipeline::deploy::process
