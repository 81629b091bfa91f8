// Where a browser on this machine is sent with the end of a login: a port of the loopback that
// answers until that has come (RFC 8252, section 7.3). Bytes of strangers: any program here, and
// any page in the browser, may call it, and is believed only with the state that nobody else knows.
//
// One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::cli {

class LoopbackRedirect {
 public:
  static base::Result<LoopbackRedirect> open();

  // "http://127.0.0.1:40123/done".
  std::string address() const;
  // The code that came with the state. ErrorKind::permission when the server refused the login, for
  // the reason that came with it; ErrorKind::cancelled once `interrupted` can be read;
  // ErrorKind::timed_out.
  base::Result<std::string> await_code(const std::string& state, int interrupted,
                                       std::chrono::seconds patience);

 private:
  LoopbackRedirect(host::UniqueFd listener, std::uint16_t port)
      : listener_(std::move(listener)), port_(port) {}

  host::UniqueFd listener_;
  std::uint16_t port_;
};

}  // namespace pipeline::cli
