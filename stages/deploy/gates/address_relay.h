// One address of this machine, handed into a sandbox that has no network.
//
// The sandbox keeps its own empty network namespace. What leads out of it is one unix socket, seen
// through a read-only mount of this object's directory: whoever connects there is connected to the
// one address, by this object's threads, and to nothing else. Inside, the program pipeline-relay
// listens on the same port of the sandbox's loopback and forwards to the socket, so that commands
// use an ordinary URL. (Entering the sandbox's namespace from outside to listen there would need
// privileges that an ordinary user lacks, and the sandbox's pid.)
#pragma once

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/listener.h"
#include "stages/host/unique_fd.h"

namespace pipeline::deploy::gates {

inline constexpr const char* kRelaySocket = "address.sock";

class AddressRelay {
 public:
  // The directory exists, is this relay's alone, and may be entered by everybody.
  static base::Result<std::unique_ptr<AddressRelay>> open(const std::filesystem::path& directory,
                                                          host::Address target);
  // Closes what is open.
  ~AddressRelay();
  AddressRelay(const AddressRelay&) = delete;
  AddressRelay& operator=(const AddressRelay&) = delete;

  // The shell command that makes the address reachable, to be run first in the sandbox.
  std::string command(const std::filesystem::path& relay_program) const;
  // What the sandbox must see besides, read-only.
  std::vector<std::string> readable(const std::filesystem::path& relay_program) const;
  // The address as commands in the sandbox write it: http://127.0.0.1:PORT
  std::string url() const;

 private:
  AddressRelay(std::filesystem::path directory, host::Address target, host::UniqueFd listener,
               host::UniqueFd end);
  std::uint16_t port_inside() const;

  std::filesystem::path directory_;
  host::Address target_;
  host::UniqueFd listener_;
  host::UniqueFd end_;  // an eventfd: readable once this object ends
  std::thread forwarder_;
};

// For host::find_helper.
inline constexpr const char* kRelayProgram = "pipeline-relay";

}  // namespace pipeline::deploy::gates
