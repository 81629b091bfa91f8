// A server on a free port of the loopback with a thread of its own, and a client's end of one
// connection to it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "runner/server/http/wire/server.h"
#include "tests/support/http/tcp.h"

namespace pipeline::http {

// Answers with what the functions say; by default every body is admitted and every answer is "ok".
struct ScriptedHandler : Handler {
  std::function<Admission(const Request&)> admits = [](const Request&) {
    return Admission{.largest_body = 1000};
  };
  std::function<void(std::shared_ptr<Exchange>)> handles = [](const auto& exchange) {
    exchange->answer(text_response(200, "text/plain", "ok"));
  };

  Admission admit(const Request& head) override {
    Admission admission = admits(head);
    admission.handle = handles;
    return admission;
  }
};

class RunningServer {
 public:
  explicit RunningServer(Handler& handler, const Limits& limits = {})
      : server_(Server::create(handler, limits)) {
    port_ = server_->listen({"127.0.0.1", 0}).value().port;
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Server& operator*() { return *server_; }
  std::uint16_t port() const { return port_; }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }

 private:
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(const RunningServer& server)
      : fd_(support::connect_to("127.0.0.1", server.port())) {}

  void send(std::string_view bytes) const { EXPECT_TRUE(try_to_send(bytes)); }
  bool try_to_send(std::string_view bytes) const { return support::send_all(fd_.get(), bytes); }
  // The next answer of a known length: its status line and its body; empty when there is none.
  std::string answer() {
    support::HttpMessage message;
    if (!support::read_message(fd_.get(), buffer_, message)) return "";
    return message.head.substr(0, message.head.find('\r')) + "\n" + message.body;
  }
  std::string ask(std::string_view bytes) {
    send(bytes);
    return answer();
  }
  // All that comes until the server closes, but for dates.
  std::string rest();
  void leave() { fd_.reset(); }

 private:
  host::UniqueFd fd_;
  std::string buffer_;
};

}  // namespace pipeline::http
