// An exchange whose answer is written down before it is given.
#pragma once

#include <functional>
#include <memory>

#include "runner/server/http/exchange.h"

namespace pipeline::api {

class AuditedExchange final : public http::Exchange {
 public:
  // Called once, on whichever thread answers.
  using OnAnswer = std::function<void(unsigned status)>;

  AuditedExchange(std::shared_ptr<http::Exchange> inner, OnAnswer on_answer)
      : inner_(std::move(inner)), on_answer_(std::move(on_answer)) {}

  const http::Request& request() const override { return inner_->request(); }
  void answer(http::Response response) override {
    on_answer_(response.status);
    inner_->answer(std::move(response));
  }
  void stream(http::Response head) override {
    on_answer_(head.status);
    inner_->stream(std::move(head));
  }
  void send(std::string piece) override { inner_->send(std::move(piece)); }
  void end() override { inner_->end(); }
  std::size_t unsent() const override { return inner_->unsent(); }
  void on_taken(std::function<void()> more) override { inner_->on_taken(std::move(more)); }
  void on_left(std::function<void()> left) override { inner_->on_left(std::move(left)); }

 private:
  const std::shared_ptr<http::Exchange> inner_;
  const OnAnswer on_answer_;
};

}  // namespace pipeline::api
