#include "stages/host/file_owner.h"

#include <sys/fsuid.h>
#include <unistd.h>

namespace pipeline::host {

ActAs::ActAs(const std::optional<FileOwner>& owner) : active_(owner && ::geteuid() == 0) {
  if (!active_) return;
  // The group first: once the user is another, the kernel has taken away the right to change it.
  ::setfsgid(owner->gid);
  ::setfsuid(owner->uid);
}

ActAs::~ActAs() {
  if (!active_) return;
  ::setfsuid(::geteuid());
  ::setfsgid(::getegid());
}

}  // namespace pipeline::host
