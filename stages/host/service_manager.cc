#include "stages/host/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace pipeline::host {

namespace {

constexpr int kFirstListener = 3;  // SD_LISTEN_FDS_START
constexpr int kMostListeners = 64;

// The variable, which is there no more afterwards.
std::string take(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): one thread yet
  return text;
}

template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_ours(const std::string& pid) {
  return pid.empty() || number_in<pid_t>(pid) == ::getpid();
}

std::optional<std::chrono::microseconds> watchdog() {
  const std::string micros = take("WATCHDOG_USEC");
  const bool ours = is_ours(take("WATCHDOG_PID"));
  const auto number = number_in<std::int64_t>(micros);
  if (!ours || !number || *number <= 0) return std::nullopt;
  return std::chrono::microseconds(*number / 2);
}

std::vector<UniqueFd> listeners() {
  const std::string pid = take("LISTEN_PID");
  const auto count = number_in<int>(take("LISTEN_FDS"));
  (void)take("LISTEN_FDNAMES");
  std::vector<UniqueFd> all;
  if (pid.empty() || !is_ours(pid) || !count) return all;
  for (int fd = kFirstListener; fd < kFirstListener + std::min(*count, kMostListeners); ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    all.emplace_back(fd);
  }
  return all;
}

}  // namespace

ServiceManager ServiceManager::take_from_environment() {
  ServiceManager manager;
  manager.socket_ = take("NOTIFY_SOCKET");
  manager.watchdog_ = watchdog();
  manager.listeners_ = listeners();
  return manager;
}

void ServiceManager::notify(std::string_view state) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace pipeline::host
