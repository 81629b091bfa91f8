#include "stages/deploy/haproxy/admin_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>

#include "pipelines/base/text.h"
#include "stages/deploy/haproxy/config.h"
#include "stages/host/file.h"

namespace pipeline::deploy::haproxy {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

Result<host::UniqueFd> connect_to(const std::filesystem::path& directory) {
  // sockaddr_un holds 107 bytes; the directory's path may be longer.
  PIPELINE_ASSIGN(const auto here, host::open_file(directory, O_PATH | O_DIRECTORY));
  const std::string path =
      "/proc/self/fd/" + std::to_string(here.get()) + "/" + std::string(kAdminSocket);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  host::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr timeval kPatience{5, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::fail(ErrorKind::unavailable,
                      "HAProxy does not answer on its admin socket in " + directory.string());
  }
  return fd;
}

// A setter that says what it did, instead of nothing.
bool reports_success(std::string_view answer) {
  return answer.find("changed from") != std::string_view::npos ||
         answer.starts_with("no need to change");
}

}  // namespace

Result<std::string> ask(const std::filesystem::path& directory, const std::string& command) {
  PIPELINE_ASSIGN(const auto fd, connect_to(directory));
  const std::string line = command + "\n";
  // Not write(2): a peer that is gone must be an error, not a signal.
  if (::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    return base::fail(Error::from_errno(errno, "ask HAProxy"));
  }
  return host::read_all(fd.get());
}

Result<> tell(const std::filesystem::path& directory, const std::string& command) {
  PIPELINE_ASSIGN(const std::string raw, ask(directory, command));
  const auto answer = base::trim(raw);
  if (answer.empty() || reports_success(answer)) return {};
  return base::fail(ErrorKind::internal,
                    "HAProxy refused \"" + command + "\": " + base::printable(answer));
}

}  // namespace pipeline::deploy::haproxy
