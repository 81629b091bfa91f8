#include "stages/deploy/haproxy/haproxy_process.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <csignal>

#include "pipelines/base/text.h"
#include "stages/deploy/haproxy/admin_socket.h"
#include "stages/deploy/haproxy/config.h"
#include "stages/deploy/haproxy/runtime.h"
#include "stages/host/file.h"
#include "stages/host/process.h"

namespace pipeline::deploy::haproxy {

using base::ErrorKind;
using base::Result;
using host::ProcessIdentity;

namespace {

constexpr const char* kIdentityFile = "identity";
constexpr const char* kPidFile = "haproxy.pid";
constexpr const char* kLogFile = "haproxy.log";

Result<std::string> find_program() {
  // An ordinary user's PATH does not name the system directories.
  for (const auto* path : {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  const char* search = std::getenv("PATH");
  for (const auto& folder : base::split(search == nullptr ? "" : search, ':')) {
    if (folder.starts_with('/') && ::access((folder + "/haproxy").c_str(), X_OK) == 0) {
      return folder + "/haproxy";
    }
  }
  return base::fail(
      base::Error(ErrorKind::unavailable, "haproxy, which switches the traffic, is not installed")
          .hint("install it: apt-get install haproxy"));
}

// What HAProxy complains about: "[ALERT]    (812) : config : …" without its head.
std::string complaint_in(const std::string& log) {
  std::vector<std::string> complaints;
  for (const auto& line : base::split(log, '\n')) {
    if (!line.starts_with("[ALERT]")) continue;
    const auto colon = line.find(" : ");
    complaints.push_back(
        base::printable(colon == std::string::npos ? line : line.substr(colon + 3)));
    if (complaints.size() == 3) break;
  }
  return complaints.empty() ? "it gave no reason" : base::join(complaints, "; ");
}

}  // namespace

std::string unprivileged_user() {
  constexpr const char* kUser = "haproxy";
  return ::geteuid() == 0 && ::getpwnam(kUser) != nullptr ? kUser : "";
}

std::optional<ProcessIdentity> HaproxyProcess::find() const {
  if (const auto text = host::read_file(directory_ / kIdentityFile)) {
    auto known = ProcessIdentity::parse(*text);
    if (known && host::is_alive(*known)) return known;
  }
  const auto info = ask(directory_, "show info");
  if (!info) return std::nullopt;
  const auto pid = parse_pid(*info);
  return pid ? host::identify(*pid) : std::nullopt;
}

Result<> HaproxyProcess::check_installed() {
  PIPELINE_TRY(find_program());
  return {};
}

Result<> HaproxyProcess::remember(int pid) const {
  const auto identity = host::identify(pid);
  if (!identity) return base::fail(ErrorKind::unavailable, "HAProxy ended right after its start");
  return host::write_file(directory_ / kIdentityFile, identity->to_text());
}

Result<> HaproxyProcess::start(const std::optional<ProcessIdentity>& predecessor) {
  PIPELINE_ASSIGN(const std::string program, find_program());
  PIPELINE_ASSIGN(const auto log, host::open_file(directory_ / kLogFile,
                                                  O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600));
  // -D: it returns when its ports are bound, and leaves a daemon behind.
  host::ProcessSpec spec{.program = program,
                         .arguments = {"-D", "-f", kFrontFile, "-f", kBackendsFile, "-p", kPidFile},
                         .directory = directory_,
                         .descriptors = {{1, log.get()}, {2, log.get()}},
                         .session = host::ChildSession::own};
  if (predecessor) {
    const std::vector<std::string> takeover = {"-x", kAdminSocket, "-sf",
                                               std::to_string(predecessor->pid)};
    spec.arguments.insert(spec.arguments.end(), takeover.begin(), takeover.end());
  }
  PIPELINE_ASSIGN(auto launcher, host::spawn(spec));
  PIPELINE_ASSIGN(const auto status, launcher.wait());
  if (!status.success()) {
    const std::string words = host::read_file(directory_ / kLogFile).value_or("");
    return base::fail(ErrorKind::unavailable, "HAProxy did not start: " + complaint_in(words));
  }
  // From its file, written before the launcher ends: right after a takeover the predecessor may
  // still answer on the admin socket, which both listen on for a moment.
  PIPELINE_ASSIGN(const std::string text, host::read_file(directory_ / kPidFile));
  int pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc()) return base::fail(ErrorKind::internal, "HAProxy did not tell its pid");
  return remember(pid);
}

Result<> HaproxyProcess::stop() {
  if (const auto running = find()) {
    // USR1: no new connections, those that are open may finish.
    PIPELINE_TRY(host::end_process(*running, SIGUSR1, std::chrono::seconds(5)));
  }
  std::error_code ignored;  // what is not there need not go
  for (const auto* name : {kIdentityFile, kPidFile, kAdminSocket}) {
    std::filesystem::remove(directory_ / name, ignored);
  }
  return {};
}

}  // namespace pipeline::deploy::haproxy
