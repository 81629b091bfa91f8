#include "runner/server/http/wire/reply.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "runner/server/http/wire/wait.h"

namespace pipeline::http {

namespace asio = boost::asio;

// Keeps the reply alive, which does not keep it: so the last one's end is seen.
class Reply::Handle final : public Exchange {
 public:
  explicit Handle(std::shared_ptr<Reply> reply) : reply_(std::move(reply)) {}
  ~Handle() override {
    try {
      // Behind what other threads have said, even when this one is the server's.
      asio::post(reply_->executor_, [reply = reply_] {
        reply->begin(text_response(500, "text/plain", "nobody answered\n"), false);
        reply->end();
      });
    } catch (...) {  // without memory the peer waits, and leaves.
    }
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  const Request& request() const override { return reply_->request_; }
  void answer(Response response) override {
    tell([response = std::make_shared<Response>(std::move(response))](Reply& reply) {
      reply.begin(std::move(*response), false);
    });
  }
  void stream(Response head) override {
    tell([head = std::make_shared<Response>(std::move(head))](Reply& reply) {
      reply.begin(std::move(*head), true);
    });
  }
  void send(std::string piece) override {
    reply_->unsent_ += piece.size();
    tell([piece = std::move(piece)](Reply& reply) mutable { reply.add(std::move(piece)); });
  }
  void end() override {
    tell([](Reply& reply) { reply.end(); });
  }
  std::size_t unsent() const override { return reply_->unsent_; }
  void on_taken(std::function<void()> more) override {
    tell([more = std::move(more)](Reply& reply) mutable { reply.more_ = std::move(more); });
  }
  void on_left(std::function<void()> left) override {
    tell([left = std::move(left)](Reply& reply) mutable {
      if (reply.has_left_) return left();
      reply.left_.push_back(std::move(left));
    });
  }

 private:
  template <class Work>
  void tell(Work work) {
    asio::dispatch(reply_->executor_,
                   [reply = reply_, work = std::move(work)]() mutable { work(*reply); });
  }

  std::shared_ptr<Reply> reply_;
};

Reply::Reply(const asio::any_io_executor& executor, Request request)
    : executor_(executor), request_(std::move(request)), news_(executor) {
  news_.expires_at(asio::steady_timer::time_point::max());
}

Reply::~Reply() {
  std::error_code ignored;
  if (!request_.body_file.empty()) std::filesystem::remove(request_.body_file, ignored);
}

std::shared_ptr<Exchange> Reply::exchange() {
  return std::make_shared<Handle>(shared_from_this());
}

asio::awaitable<void> Reply::change() {
  co_await news_.async_wait(kWait);
}

void Reply::wake() {
  news_.cancel();
}

void Reply::begin(Response head, bool is_stream) {
  if (was_answered_) return;
  was_answered_ = true;
  is_stream_ = is_stream;
  has_ended_ = !is_stream;
  head_ = std::move(head);
  wake();
}

void Reply::add(std::string piece) {
  if (!is_stream_ || has_ended_ || has_left_) {
    unsent_ -= piece.size();
    return;
  }
  pieces_.push_back(std::move(piece));
  wake();
}

void Reply::end() {
  if (!is_stream_) return;
  has_ended_ = true;
  wake();
}

std::string Reply::take_pieces() {
  std::string all;
  for (const std::string& piece : pieces_) all += piece;
  pieces_.clear();
  return all;
}

void Reply::taken(std::size_t size) {
  unsent_ -= size;
  if (pieces_.empty() && more_) more_();
}

void Reply::peer_left() {
  if (has_left_) return;
  has_left_ = true;
  for (const auto& left : std::exchange(left_, {})) left();
  close();
  wake();
}

void Reply::close() {
  // They may keep the exchange, and so this, alive.
  left_.clear();
  more_ = nullptr;
}

}  // namespace pipeline::http
