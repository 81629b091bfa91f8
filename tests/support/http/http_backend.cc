#include "tests/support/http/http_backend.h"

#include <sys/socket.h>

#include "tests/support/http/tcp.h"

namespace pipeline::support {

HttpBackend::HttpBackend(std::string name, std::uint16_t port)
    : name_(std::move(name)), port_(port) {
  listener_ = listen_on_loopback(port_);
  acceptor_ = std::thread([this] { accept_connections(); });
}

HttpBackend::~HttpBackend() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  acceptor_.join();
  for (auto& connection : connections_) connection.join();
}

void HttpBackend::accept_connections() {
  for (;;) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    open_.insert(fd);
    connections_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpBackend::serve(int fd) {
  std::string buffer;
  HttpMessage request;
  while (read_message(fd, buffer, request)) {
    wait_while_held();
    ++requests_;
    const std::string answer = "HTTP/1.1 " + std::to_string(status_.load()) +
                               " X\r\nContent-Length: " + std::to_string(name_.size()) +
                               "\r\n\r\n" + name_;
    if (!send_all(fd, answer)) break;
  }
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  ::close(fd);
}

void HttpBackend::wait_while_held() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !held_ || stopping_; });
  --waiting_;
}

void HttpBackend::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void HttpBackend::release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

void HttpBackend::await_held(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_ >= count; });
}

}  // namespace pipeline::support
