// A small HTTP/1.1 server: GET only, one thread a connection, connections kept alive.
//
// stop() ends it gently: no new connections, requests under way are answered, idle connections are
// closed. So a load balancer that has moved on loses nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

struct Response {
  int status = 200;
  std::string body;
};
using Handler = std::function<Response(const std::string& path)>;

class HttpServer {
 public:
  // Listens on 127.0.0.1; port 0 chooses one. Throws std::system_error when it cannot.
  HttpServer(std::uint16_t port, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }
  // Returns after stop(), when the last answer was given.
  void run();
  // From any thread or signal handler.
  void stop();

 private:
  void serve(int connection);
  bool answer(int connection, std::string& buffer) const;

  Handler handler_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int stopped_ = -1;  // an eventfd, readable from stop() on
  std::atomic<int> open_{0};
};
