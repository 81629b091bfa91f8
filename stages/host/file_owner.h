// Who files belong to, and making files as somebody else.
#pragma once

#include <sys/types.h>

#include <optional>

namespace pipeline::host {

struct FileOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// While it lives, files that this thread makes belong to `owner`, and its file permissions are
// `owner`'s. Without an owner, or when not running as root, it changes nothing. One scope a thread
// at a time; every other thread keeps its own identity.
class ActAs {
 public:
  explicit ActAs(const std::optional<FileOwner>& owner);
  ~ActAs();
  ActAs(const ActAs&) = delete;
  ActAs& operator=(const ActAs&) = delete;

 private:
  bool active_ = false;
};

}  // namespace pipeline::host
