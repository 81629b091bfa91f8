#include "stages/host/endpoint_probe.h"

#include <poll.h>
#include <sys/socket.h>

#include "pipelines/base/duration.h"
#include "stages/host/tcp.h"

namespace pipeline::host {

using base::ErrorKind;
using base::Result;

namespace {

tl::unexpected<base::Error> no_answer(base::Duration timeout) {
  return base::fail(ErrorKind::timed_out, "no answer within " + base::format_duration(timeout));
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

Result<std::string> read_line(int fd, Deadline deadline, base::Duration timeout) {
  constexpr std::size_t kLongestLine = 4096;
  std::string text;
  for (;;) {
    if (const auto end = text.find("\r\n"); end != std::string::npos) return text.substr(0, end);
    if (text.size() > kLongestLine) return not_http();
    if (!wait_for_events(fd, POLLIN, deadline)) return no_answer(timeout);
    char bytes[1024];
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0)
      return base::fail(ErrorKind::failed, "the connection was closed without an answer");
    text.append(bytes, static_cast<std::size_t>(got));
  }
}

Result<> ask(int fd, const std::string& host, const std::string& path, Deadline deadline,
             base::Duration timeout) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host +
                              "\r\nUser-Agent: pipeline\r\nConnection: close\r\n\r\n";
  // A fresh socket's buffer holds far more than one small request.
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return base::fail(ErrorKind::failed, "the connection was closed without an answer");
  }
  PIPELINE_ASSIGN(const std::string line, read_line(fd, deadline, timeout));
  PIPELINE_ASSIGN(const int status, status_of(line));
  if (status >= 200 && status < 400) return {};
  return base::fail(ErrorKind::failed, "HTTP " + std::to_string(status));
}

}  // namespace

Result<> probe_endpoint(const Address& address, const std::optional<std::string>& http_path,
                        base::Duration timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto fd = connect_tcp(address, deadline);
  if (!fd && fd.error().kind() == ErrorKind::timed_out) return no_answer(timeout);
  if (!fd) return tl::unexpected(std::move(fd).error());
  if (!http_path) return {};
  return ask(fd->get(), address.to_text(), *http_path, deadline, timeout);
}

}  // namespace pipeline::host
