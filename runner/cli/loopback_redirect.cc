#include "runner/cli/loopback_redirect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "pipelines/base/text.h"
#include "runner/server/http/target.h"
#include "stages/host/file.h"
#include "stages/host/tcp.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::steady_clock;

constexpr std::string_view kPath = "done";
constexpr std::size_t kLargestHead = std::size_t{16} << 10U;
constexpr std::chrono::seconds kPerCaller{5};

// What of a request is looked at: its target. None when it is no GET, or does not come in time.
std::optional<http::Target> target_of(int fd) {
  const auto deadline = steady_clock::now() + kPerCaller;
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (head.size() > kLargestHead || !host::wait_for_events(fd, POLLIN, deadline))
      return std::nullopt;
    std::array<char, 4096> piece{};
    const ssize_t size = ::recv(fd, piece.data(), piece.size(), 0);
    if (size <= 0) return std::nullopt;
    head.append(piece.data(), static_cast<std::size_t>(size));
  }
  const auto words = base::split(head.substr(0, head.find("\r\n")), ' ');
  if (words.size() != 3 || words[0] != "GET") return std::nullopt;
  auto target = http::parse_target(words[1]);
  return target ? std::optional(*std::move(target)) : std::nullopt;
}

void answer(int fd, const char* status, const std::string& text) {
  const std::string body = text + "\n";
  (void)host::write_all(fd, std::string("HTTP/1.1 ") + status +
                                "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
                                std::to_string(body.size()) +
                                "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n" + body);
  (void)::shutdown(fd, SHUT_WR);
}

std::string text_of(const http::Target& target, const char* name) {
  return std::string(target.parameter(name).value_or(""));
}

// What a request says of the login; none: it is about something else.
std::optional<Result<std::string>> outcome_of(int fd, const std::string& state) {
  const auto target = target_of(fd);
  const bool is_ours = target && target->path.size() == 1 && target->path.front() == kPath &&
                       text_of(*target, "state") == state;
  if (!is_ours) {
    answer(fd, "404 Not Found", "there is nothing here");
    return std::nullopt;
  }
  if (std::string code = text_of(*target, "code"); !code.empty()) {
    answer(fd, "200 OK", "You are logged in. This window can be closed.");
    return code;
  }
  Error error(ErrorKind::permission, text_of(*target, "error"));
  if (const auto hint = text_of(*target, "hint"); !hint.empty())
    error = std::move(error).hint(hint);
  answer(fd, "200 OK", "You are not logged in: " + base::printable(error.message()));
  return base::fail(std::move(error));
}

}  // namespace

Result<LoopbackRedirect> LoopbackRedirect::open() {
  host::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets take addresses
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (!listener || ::bind(listener.get(), any, size) != 0 || ::listen(listener.get(), 16) != 0 ||
      ::getsockname(listener.get(), any, &size) != 0)
    return base::fail(Error::from_errno(errno, "listen on the loopback"));
  return LoopbackRedirect(std::move(listener), ntohs(address.sin_port));
}

std::string LoopbackRedirect::address() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/" + std::string(kPath);
}

Result<std::string> LoopbackRedirect::await_code(const std::string& state, int interrupted,
                                                 std::chrono::seconds patience) {
  const auto end = steady_clock::now() + patience;
  for (;;) {
    std::array<pollfd, 2> waited = {pollfd{listener_.get(), POLLIN, 0},
                                    pollfd{interrupted, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
    if (left.count() <= 0)
      return base::fail(
          Error(ErrorKind::timed_out, "nobody has logged in").hint("begin again: pipeline login"));
    if (::poll(waited.data(), waited.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waited[1].revents != 0) return base::fail(ErrorKind::cancelled, "interrupted");
    const host::UniqueFd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!caller) continue;
    if (auto outcome = outcome_of(caller.get(), state)) return *std::move(outcome);
  }
}

}  // namespace pipeline::cli
