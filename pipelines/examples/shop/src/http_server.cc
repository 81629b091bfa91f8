#include "src/http_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace {

bool send_all(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t put = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (put <= 0) return false;
    sent += static_cast<std::size_t>(put);
  }
  return true;
}

std::string render(const Response& response) {
  return "HTTP/1.1 " + std::to_string(response.status) +
         (response.status == 200 ? " OK" : " Error") +
         "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(response.body.size()) +
         "\r\n\r\n" + response.body;
}

}  // namespace

HttpServer::HttpServer(std::uint16_t port, Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stopped_ = ::eventfd(0, EFD_CLOEXEC);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, where, length) != 0 || ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, where, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen");
  }
  port_ = ntohs(address.sin_port);
}

HttpServer::~HttpServer() {
  ::close(listener_);
  ::close(stopped_);
}

void HttpServer::stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stopped_, &one, sizeof one);
}

void HttpServer::run() {
  for (;;) {
    pollfd watched[] = {{listener_, POLLIN, 0}, {stopped_, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) break;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++open_;
    std::thread([this, connection] { serve(connection); }).detach();
  }
  // Whoever was accepted is served; whoever still waits in the backlog is refused by the close.
  for (int left = open_; left > 0; left = open_) open_.wait(left);
}

void HttpServer::serve(int connection) {
  std::string buffer;
  while (answer(connection, buffer)) {
  }
  ::close(connection);
  --open_;
  open_.notify_all();
}

// One request and its answer; false when the connection is to be closed.
bool HttpServer::answer(int connection, std::string& buffer) const {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    pollfd watched[] = {{connection, POLLIN, 0}, {stopped_, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    // A request that has begun to arrive is still answered.
    if (watched[0].revents == 0 && buffer.empty()) return false;
    char bytes[4096];
    const ssize_t got = ::recv(connection, bytes, sizeof bytes, 0);
    if (got <= 0 || buffer.size() > 65536) return false;
    buffer.append(bytes, static_cast<std::size_t>(got));
  }
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end + 4);
  const auto path_end = head.find(' ', 4);
  if (!head.starts_with("GET ") || path_end == std::string::npos) {
    send_all(connection, render({405, "only GET\n"}));
    return false;
  }
  if (!send_all(connection, render(handler_(head.substr(4, path_end - 4))))) return false;
  return head.find("Connection: close") == std::string::npos;
}
