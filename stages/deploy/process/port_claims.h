// Ports that were given to an instance which does not listen on them yet: until it does, only this
// tells others on the machine that they are taken.
//
// A claim is a name in the abstract namespace of Unix sockets. Like the port itself it belongs to
// the network namespace, whoever asks and whatever their files are; it goes with the process that
// made it, however that ends. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>

#include "stages/host/unique_fd.h"

namespace pipeline::deploy::process {

class PortClaims {
 public:
  // Ours until this object goes; false when somebody else has it. What is ours stays ours.
  bool claim(std::uint16_t port);
  void release(std::uint16_t port) { held_.erase(port); }

 private:
  std::map<std::uint16_t, host::UniqueFd> held_;
};

}  // namespace pipeline::deploy::process
