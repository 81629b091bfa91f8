// Starting, finding, replacing and stopping the HAProxy of one directory. It is a daemon of its own
// session and is known by pid, start time and boot (file `identity`); when that file is missing,
// because we died right after starting it, by answering on the directory's admin socket, which
// nobody else can have made.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/process_identity.h"

namespace pipeline::deploy::haproxy {

inline constexpr const char* kFrontFile = "front.cfg";
inline constexpr const char* kBackendsFile = "backends.cfg";

class HaproxyProcess {
 public:
  explicit HaproxyProcess(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::optional<host::ProcessIdentity> find() const;

  // ErrorKind::unavailable with a hint when HAProxy is not installed.
  static base::Result<> check_installed();

  // From the directory's configuration; returns once its ports are bound. With a predecessor, the
  // listening sockets are taken over from it without a gap, and it ends when its requests are done.
  // ErrorKind::unavailable with a hint when HAProxy is not installed, or with its words when it
  // refuses to start.
  base::Result<> start(const std::optional<host::ProcessIdentity>& predecessor);

  // Lets requests end for up to five seconds. Success when it does not run.
  base::Result<> stop();

 private:
  base::Result<> remember(int pid) const;

  std::filesystem::path directory_;
};

// Whom an HAProxy started by root becomes: the package's user, if there is one.
std::string unprivileged_user();

}  // namespace pipeline::deploy::haproxy
