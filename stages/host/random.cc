#include "stages/host/random.h"

#include <sys/random.h>

#include <cerrno>
#include <exception>

namespace pipeline::host {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::getrandom(bytes.data() + done, count - done, 0);
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      std::terminate();  // no kernel that we run on has no random numbers
    }
  }
  return bytes;
}

}  // namespace pipeline::host
