#include "runner/server/http/wire/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>

#include "runner/server/http/problem.h"
#include "runner/server/http/wire/sender.h"

namespace pipeline::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Clock = std::chrono::steady_clock;
using Tls = asio::ssl::stream<beast::tcp_stream>;
using Head = bhttp::request_parser<bhttp::empty_body>;

constexpr std::size_t kFirstRead = 4096;
// What is still read of a peer that was refused, so that it sees why: closing on unread bytes would
// take the answer from it.
constexpr std::size_t kMostIgnored = std::size_t{4} << 20U;
constexpr std::chrono::seconds kLinger(2);

Response too_large() {
  return problem(413, "the body is too large");
}

Response too_slow() {
  return problem(408, "the body came too slowly");
}

Response refusal_of(beast::error_code error) {
  if (error == bhttp::error::body_limit) return too_large();
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow)
    return problem(431, "the request's head is too large");
  if (error.category() == beast::system_category())
    return problem(507, "the body cannot be stored: " + error.message());
  return problem(400, "not HTTP/1.1: " + error.message());
}

// Whether somebody is there to hear of it.
bool is_refusable(beast::error_code error) {
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return false;
  return error.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
}

base::Result<std::filesystem::path> make_body_file(const std::filesystem::path& directory) {
  std::string name = directory / "upload-XXXXXX";
  const int file = ::mkstemp(name.data());
  if (file < 0) return base::fail(base::Error::from_errno(errno, "create " + name));
  ::close(file);
  return name;
}

template <class Stream>
class ConnectionOn final : public Connection,
                           public std::enable_shared_from_this<ConnectionOn<Stream>> {
 public:
  template <class... Arguments>
  ConnectionOn(Shared& shared, std::shared_ptr<asio::ssl::context> tls, Arguments&&... arguments)
      : shared_(shared),
        tls_(std::move(tls)),
        stream_(std::forward<Arguments>(arguments)...),
        sender_(stream_, shared.limits),
        read_limit_(stream_.get_executor()) {
    beast::error_code ignored;
    const auto endpoint = lowest().socket().remote_endpoint(ignored);
    if (!ignored) peer_ = endpoint.address().to_string();
  }

  asio::awaitable<void> serve() override {
    const auto keep = this->shared_from_this();
    bool goes_on = co_await begin();
    while (goes_on) {
      goes_on = co_await serve_one();
      if (shared_.is_stopping) goes_on = false;
    }
    co_await finish();
  }

  void leave_if_idle() override {
    if (is_idle_) abort();
  }
  void abort() override { lowest().close(); }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  asio::awaitable<bool> begin() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      lowest().expires_after(shared_.limits.for_head);
      auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kWait);
      co_return !error;
    }
    co_return true;
  }

  asio::awaitable<void> finish() {
    is_idle_ = true;
    lowest().expires_after(kLinger);
    if constexpr (std::is_same_v<Stream, Tls>) co_await stream_.async_shutdown(kWait);
    beast::error_code error;
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    buffer_.clear();
    std::size_t ignored = 0;
    while (!error && ignored < kMostIgnored) {
      auto [failed, size] = co_await lowest().async_read_some(buffer_.prepare(kFirstRead), kWait);
      error = failed;
      ignored += size;
    }
    lowest().close();
  }

  // Whether there may be another one after it.
  asio::awaitable<bool> serve_one() {
    if (!co_await first_byte()) co_return false;
    Head head;
    head.header_limit(shared_.limits.head);
    head.body_limit(boost::none);
    lowest().expires_after(shared_.limits.for_head);
    form_ = AnswerForm{};
    auto [error, size] = co_await bhttp::async_read_header(stream_, buffer_, head, kWait);
    if (error && !is_refusable(error)) co_return false;
    if (error) co_return co_await refuse(refusal_of(error));

    form_ = {.keep_alive = head.get().keep_alive(),
             .is_head = head.get().method() == bhttp::verb::head,
             .has_chunks = head.get().version() >= 11};
    auto target = parse_target(head.get().target());
    if (!target) co_return co_await refuse(problem(400, target.error().to_string()));
    Request request = request_of(head.get(), std::move(*target));
    Admission admission = shared_.handler.admit(request);
    if (admission.refusal) co_return co_await refuse(*std::move(admission.refusal));
    if (auto refusal = co_await receive(head, admission, request))
      co_return co_await refuse(std::move(*refusal));
    co_return co_await answer(std::move(request), admission);
  }

  asio::awaitable<bool> first_byte() {
    is_idle_ = true;
    if (buffer_.size() == 0) {
      buffer_.shrink_to_fit();
      lowest().expires_after(shared_.limits.idle);
      auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kWait);
      if (error) co_return false;
      buffer_.commit(size);
    }
    is_idle_ = false;
    co_return true;
  }

  Request request_of(const bhttp::request<bhttp::empty_body>& head, Target target) const {
    Request request;
    request.method = head.method_string();
    request.target = std::move(target);
    request.peer = peer_;
    for (const auto& field : head) request.fields.add(field.name_string(), field.value());
    return request;
  }

  // The body, as the handler allows it.
  asio::awaitable<std::optional<Response>> receive(Head& head, const Admission& admission,
                                                   Request& request) {
    const auto length = head.content_length();
    if (length && *length > admission.largest_body) co_return too_large();
    if (const auto expected = request.fields.find("Expect")) {
      if (!beast::iequals(std::string(*expected), "100-continue"))
        co_return problem(417, "this expectation cannot be met");
      if (!co_await sender_.send_go_ahead()) co_return problem(400, "the peer left");
    }
    if (admission.directory.empty())
      co_return co_await receive_text(head, admission.largest_body, request);
    co_return co_await receive_file(head, admission, request);
  }

  asio::awaitable<std::optional<Response>> receive_text(Head& head, std::uint64_t largest,
                                                        Request& request) {
    bhttp::request_parser<bhttp::string_body> parser(std::move(head));
    auto refusal = co_await receive_body(parser, largest);
    if (!refusal) request.body = std::move(parser.get().body());
    co_return refusal;
  }

  asio::awaitable<std::optional<Response>> receive_file(Head& head, const Admission& admission,
                                                        Request& request) {
    auto file = make_body_file(admission.directory);
    if (!file) co_return problem(507, file.error().to_string());
    request.body_file = std::move(*file);
    bhttp::request_parser<bhttp::file_body> parser(std::move(head));
    beast::error_code error;
    parser.get().body().open(request.body_file.c_str(), beast::file_mode::write, error);
    std::optional<Response> refusal;
    if (error) {
      refusal = refusal_of(error);
    } else {
      refusal = co_await receive_body(parser, admission.largest_body);
    }
    parser.get().body().close();
    if (refusal) std::filesystem::remove(request.body_file, error);
    co_return refusal;
  }

  // A peer that sends less than the slowest allowed is not waited for, but told so.
  template <class Parser>
  asio::awaitable<std::optional<Response>> receive_body(Parser& parser, std::uint64_t largest) {
    parser.body_limit(largest);
    lowest().expires_never();
    const auto began = Clock::now();
    std::uint64_t received = 0;
    while (!parser.is_done()) {
      const auto paid_for = began + std::chrono::seconds(received / shared_.limits.slowest);
      const auto until = std::min(Clock::now(), paid_for) + shared_.limits.for_piece;
      // No timer is heard while bytes keep coming.
      if (Clock::now() >= until) co_return too_slow();
      interrupt_reading_at(until);
      auto [error, size] = co_await bhttp::async_read_some(stream_, buffer_, parser, kWait);
      read_limit_.cancel();
      ++reads_;
      if (error == asio::error::operation_aborted && Clock::now() >= until) co_return too_slow();
      if (error) co_return refusal_of(error);
      received += size;
    }
    co_return std::nullopt;
  }

  // The stream's own timer would close it: nothing could be said then.
  void interrupt_reading_at(Clock::time_point until) {
    read_limit_.expires_at(until);
    read_limit_.async_wait(
        [keep = this->shared_from_this(), this, read = reads_](beast::error_code error) {
          // The read may be over already, and something else under way.
          if (!error && read == reads_) lowest().cancel();
        });
  }

  asio::awaitable<bool> answer(Request request, const Admission& admission) {
    const auto reply = std::make_shared<Reply>(stream_.get_executor(), std::move(request));
    // Thousands may wait here for long.
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    if (admission.handle) admission.handle(reply->exchange());
    const bool is_watched = !reply->has_head() || reply->is_stream();
    if (is_watched)
      asio::co_spawn(stream_.get_executor(), watch_peer(this->shared_from_this(), reply),
                     asio::detached);
    while (!reply->has_head() && !reply->has_left()) co_await reply->change();
    if (shared_.is_stopping || (reply->is_stream() && !form_.has_chunks)) form_.keep_alive = false;
    bool sent = false;
    if (reply->has_head()) sent = co_await send(*reply);
    if (!reply->has_ended()) reply->peer_left();
    reply->close();
    if (is_watched) stop_watching();
    co_return (sent && form_.keep_alive);
  }

  asio::awaitable<bool> send(Reply& reply) {
    Response response = reply.take_head();
    if (reply.is_stream()) co_return co_await sender_.send_stream(response, reply, form_);
    co_return co_await sender_.send(std::move(response), form_);
  }

  // Tells the reply when the peer closes before its answer ended.
  static asio::awaitable<void> watch_peer(std::shared_ptr<ConnectionOn> connection,
                                          std::shared_ptr<Reply> reply) {
    auto& socket = connection->lowest().socket();
    auto [error] = co_await socket.async_wait(asio::ip::tcp::socket::wait_read, kWait);
    if (error) co_return;
    char byte = 0;
    const auto size = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // Bytes are the beginning of the next request: who sends them stays.
    if (size == 0 || (size < 0 && errno != EAGAIN)) reply->peer_left();
  }

  void stop_watching() {
    beast::error_code ignored;
    lowest().socket().cancel(ignored);
  }

  // After it the connection ends: what of the request is still to come is not looked at.
  asio::awaitable<bool> refuse(Response response) {
    form_.keep_alive = false;
    co_await sender_.send(std::move(response), form_);
    co_return false;
  }

  Shared& shared_;
  std::shared_ptr<asio::ssl::context> tls_;  // as long as the stream
  Stream stream_;
  Sender<Stream> sender_;
  asio::steady_timer read_limit_;
  std::uint64_t reads_ = 0;  // that ended; which one the timer is for
  beast::flat_buffer buffer_;
  std::string peer_;
  AnswerForm form_;
  bool is_idle_ = true;
};

}  // namespace

std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, Shared& shared,
                                            std::shared_ptr<asio::ssl::context> tls) {
  if (!tls)
    return std::make_shared<ConnectionOn<beast::tcp_stream>>(shared, nullptr, std::move(socket));
  asio::ssl::context& context = *tls;
  return std::make_shared<ConnectionOn<Tls>>(shared, std::move(tls), std::move(socket), context);
}

}  // namespace pipeline::http
