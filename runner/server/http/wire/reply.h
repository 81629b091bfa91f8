// The meeting point of a connection and whoever answers its request: what the handler says, from
// any thread, until the connection has sent it.
//
// Threads: what Exchange promises from any thread; the rest on the server's.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "runner/server/http/exchange.h"

namespace pipeline::http {

class Reply : public std::enable_shared_from_this<Reply> {
 public:
  Reply(const boost::asio::any_io_executor& executor, Request request);
  ~Reply();
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  // What a handler is given; when the last of it goes, the request is answered.
  std::shared_ptr<Exchange> exchange();

  const Request& request() const { return request_; }

  // For the connection: waits until one of the following says something new.
  boost::asio::awaitable<void> change();
  bool has_head() const { return head_.has_value(); }
  Response take_head() { return std::move(*head_); }
  bool is_stream() const { return is_stream_; }
  bool has_ended() const { return has_ended_ && pieces_.empty(); }
  std::string take_pieces();     // all that are there, as one
  void taken(std::size_t size);  // so much of what take_pieces() gave has been sent
  void peer_left();
  void close();  // nothing more will be sent
  bool has_left() const { return has_left_; }

 private:
  class Handle;

  void begin(Response head, bool is_stream);
  void add(std::string piece);
  void end();
  void wake();

  boost::asio::any_io_executor executor_;
  Request request_;
  boost::asio::steady_timer news_;
  std::optional<Response> head_;
  std::deque<std::string> pieces_;
  std::atomic<std::size_t> unsent_{0};
  bool was_answered_ = false;
  bool is_stream_ = false;
  bool has_ended_ = false;
  bool has_left_ = false;
  std::function<void()> more_;
  std::vector<std::function<void()>> left_;
};

}  // namespace pipeline::http
