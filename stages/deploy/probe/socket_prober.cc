#include "stages/deploy/probe/socket_prober.h"

#include <poll.h>
#include <sys/socket.h>

#include "pipelines/base/duration.h"
#include "stages/host/tcp.h"

namespace pipeline::deploy::probe {

using base::ErrorKind;
using base::Result;

namespace {

tl::unexpected<base::Error> no_answer(const model::HealthCheck& check) {
  return base::fail(ErrorKind::timed_out,
                    "no answer within " + base::format_duration(check.timeout));
}

tl::unexpected<base::Error> not_http() {
  return base::fail(ErrorKind::failed, "the answer is not HTTP");
}

// "HTTP/1.1 200 OK": the number.
Result<int> status_of(std::string_view line) {
  const bool shaped = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
  const auto digits = shaped ? line.substr(9, 3) : std::string_view();
  if (!shaped || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return not_http();
  }
  return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

Result<std::string> read_line(int fd, host::Deadline deadline, const model::HealthCheck& check) {
  constexpr std::size_t kLongestLine = 4096;
  std::string text;
  for (;;) {
    if (const auto end = text.find("\r\n"); end != std::string::npos) return text.substr(0, end);
    if (text.size() > kLongestLine) return not_http();
    if (!host::wait_for_events(fd, POLLIN, deadline)) return no_answer(check);
    char bytes[1024];
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0)
      return base::fail(ErrorKind::failed, "the connection was closed without an answer");
    text.append(bytes, static_cast<std::size_t>(got));
  }
}

Result<> ask(int fd, const std::string& host, host::Deadline deadline,
             const model::HealthCheck& check) {
  const std::string request = "GET " + *check.http_path + " HTTP/1.1\r\nHost: " + host +
                              "\r\nUser-Agent: pipeline\r\nConnection: close\r\n\r\n";
  // A fresh socket's buffer holds far more than one small request.
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return base::fail(ErrorKind::failed, "the connection was closed without an answer");
  }
  PIPELINE_ASSIGN(const std::string line, read_line(fd, deadline, check));
  PIPELINE_ASSIGN(const int status, status_of(line));
  if (status >= 200 && status < 400) return {};
  return base::fail(ErrorKind::failed, "HTTP " + std::to_string(status));
}

}  // namespace

Result<> SocketProber::probe(const std::string& host, std::uint16_t port,
                             const model::HealthCheck& check) {
  const auto deadline = std::chrono::steady_clock::now() + check.timeout;
  const host::Address address{host, port};
  auto fd = host::connect_tcp(address, deadline);
  if (!fd && fd.error().kind() == ErrorKind::timed_out) return no_answer(check);
  if (!fd) return tl::unexpected(std::move(fd).error());
  return check.http_path ? ask(fd->get(), address.to_text(), deadline, check) : Result<>();
}

}  // namespace pipeline::deploy::probe
