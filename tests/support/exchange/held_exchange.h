// An exchange without a connection: what was answered is there to be looked at.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/server/api/endpoint.h"
#include "runner/server/api/router.h"
#include "runner/server/http/exchange.h"

namespace pipeline::support {

class HeldExchange final : public http::Exchange {
 public:
  explicit HeldExchange(http::Request request) : request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  void answer(http::Response response) override { answered = std::move(response); }
  void stream(http::Response head) override { answered = std::move(head); }
  void send(std::string piece) override { sent += piece; }
  void end() override { has_ended = true; }
  std::size_t unsent() const override { return 0; }
  void on_taken(std::function<void()> more) override { more(); }
  void on_left(std::function<void()> left) override { left_.push_back(std::move(left)); }
  // The peer goes.
  void leave() {
    for (const auto& left : std::exchange(left_, {})) left();
  }

  std::optional<http::Response> answered;
  std::string sent;  // of a stream
  bool has_ended = false;

 private:
  http::Request request_;
  std::vector<std::function<void()>> left_;
};

// From an address that is nobody's; the token is sent if it is not empty.
http::Request request(std::string method, std::string_view target, const std::string& token = "",
                      std::string body = "");

// Hands the request to the router as a connection would. Answered at once or later.
std::shared_ptr<HeldExchange> ask(api::Router& router, const http::Request& asked);

}  // namespace pipeline::support
