#include "agents/http/http_client.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <variant>

#include "pipelines/base/text.h"

// No co_await stands in an operand of && or || or ?: here: GCC 12 evaluates it in any case.
namespace pipeline::http_client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
constexpr unsigned kVersion = 11;
constexpr std::uint64_t kLargestBody = std::uint64_t{64} << 20U;
constexpr std::size_t kPiece = 64U << 10U;

using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::optional<std::string> pem_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> memory(::BIO_new(::BIO_s_mem()), &::BIO_free);
  if (certificate == nullptr || ::PEM_write_bio_X509(memory.get(), certificate) != 1)
    return std::nullopt;
  std::string text(::BIO_ctrl_pending(memory.get()), '\0');
  ::BIO_read(memory.get(), text.data(), static_cast<int>(text.size()));
  return text;
}

struct Failed {
  boost::system::error_code code;
  bool is_stale = false;  // the server had closed the kept connection: nothing was done
};
using Outcome = std::variant<Reply, Failed>;

class Client final : public HttpClient {
 public:
  explicit Client(Settings settings) : settings_(std::move(settings)) {}
  ~Client() override {
    plain_.reset();
    tls_.reset();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Result<Reply> call(const Ask& ask) override;
  void cancel() override {
    is_cancelled_ = true;
    asio::post(io_, [this] {
      if (Plain* const stream = socket()) stream->cancel();
      resolver_.cancel();
    });
  }

  std::optional<std::string> peer_certificate() const override { return shown_; }

 private:
  Plain* socket() {
    if (tls_) return &tls_->next_layer();
    return plain_ ? &*plain_ : nullptr;
  }
  void disconnect() {
    plain_.reset();
    tls_.reset();
  }
  Error explain(const boost::system::error_code& code) const;

  asio::awaitable<Outcome> attempt(const Ask& ask);
  asio::awaitable<boost::system::error_code> connect();
  template <class Stream>
  asio::awaitable<Outcome> exchange(Stream& stream, const Ask& ask, bool is_kept);
  template <class Body, class Stream>
  asio::awaitable<boost::system::error_code> send(Stream& stream,
                                                  http::request<Body> message) const;
  template <class Stream, class Parser>
  asio::awaitable<boost::system::error_code> read_pieces(
      Stream& stream, Parser& parser, beast::flat_buffer& buffer,
      const std::function<bool(std::string_view)>& take, bool is_patient);
  template <class Message>
  void fill(Message& message, const Ask& ask) const;

  const Settings settings_;
  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  std::optional<asio::ssl::context> trust_;
  std::optional<Plain> plain_;
  std::optional<Tls> tls_;
  std::atomic<bool> is_cancelled_{false};
  std::optional<std::string> shown_;  // the server's certificate
};

Error Client::explain(const boost::system::error_code& code) const {
  if (is_cancelled_) return {ErrorKind::cancelled, "the call was cancelled"};
  const std::string server = settings_.server.to_text();
  if (code == beast::error::timeout)
    return {ErrorKind::timed_out, server + " does not answer in time"};
  if (code == http::error::end_of_stream || code == http::error::partial_message ||
      code == asio::error::eof)
    return {ErrorKind::unavailable, server + " broke the connection off"};
  if (code == http::error::body_limit)
    return {ErrorKind::exhausted, "the answer of " + server + " is too large"};
  if (code.category() == asio::error::get_ssl_category())
    return Error(ErrorKind::unavailable, "no trust in " + server + ": " + code.message())
        .hint("--ca-file names the authority of a certificate of your own");
  return {ErrorKind::unavailable, "cannot reach " + server + ": " + code.message()};
}

Result<Reply> Client::call(const Ask& ask) {
  for (int tries = 0; tries < 2; ++tries) {
    if (is_cancelled_) return base::fail(explain({}));
    std::optional<Outcome> outcome;
    io_.restart();
    asio::co_spawn(io_, attempt(ask), [&](const std::exception_ptr& thrown, Outcome done) {
      if (thrown) std::rethrow_exception(thrown);
      outcome = std::move(done);
    });
    io_.run();
    if (auto* const reply = std::get_if<Reply>(&*outcome)) return std::move(*reply);
    disconnect();
    const Failed& failed = std::get<Failed>(*outcome);
    if (!failed.is_stale || is_cancelled_) return base::fail(explain(failed.code));
  }
  return base::fail(explain(asio::error::eof));
}

asio::awaitable<Outcome> Client::attempt(const Ask& ask) {
  const bool is_kept = socket() != nullptr;
  if (!is_kept) {
    if (const auto error = co_await connect()) co_return Failed{error};
  }
  if (tls_) co_return co_await exchange(*tls_, ask, is_kept);
  co_return co_await exchange(*plain_, ask, is_kept);
}

asio::awaitable<boost::system::error_code> Client::connect() {
  const ServerAddress& server = settings_.server;
  auto [unresolved, places] =
      co_await resolver_.async_resolve(server.host, std::to_string(server.port), kWait);
  if (unresolved) co_return unresolved;
  if (!server.is_tls) {
    plain_.emplace(io_);
  } else {
    trust_.emplace(asio::ssl::context::tls_client);
    boost::system::error_code error;
    if (settings_.authorities)
      trust_->load_verify_file(settings_.authorities->string(), error);
    else
      trust_->set_default_verify_paths(error);
    if (error) co_return error;
    trust_->set_verify_mode(asio::ssl::verify_peer);
    trust_->set_verify_callback([this, verify = asio::ssl::host_name_verification(server.host)](
                                    bool is_trusted, asio::ssl::verify_context& context) {
      shown_ = pem_of(::X509_STORE_CTX_get0_cert(context.native_handle()));
      return verify(is_trusted, context);
    });
    tls_.emplace(io_, *trust_);
    // What SSL_set_tlsext_host_name() is a macro for, without its casts.
    std::string name = server.host;
    ::SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               name.data());
  }
  socket()->expires_after(settings_.to_connect);
  auto [refused, place] = co_await socket()->async_connect(places, kWait);
  if (refused) co_return refused;
  boost::system::error_code ignored;
  socket()->socket().set_option(tcp::no_delay(true), ignored);
  if (!tls_) co_return boost::system::error_code();
  auto [distrusted] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kWait);
  co_return distrusted;
}

template <class Message>
void Client::fill(Message& message, const Ask& ask) const {
  message.method_string(ask.method);
  message.target(settings_.server.prefix + ask.path);
  message.version(kVersion);
  message.set(http::field::host, settings_.server.authority());
  message.set(http::field::user_agent, settings_.program);
  if (!settings_.token.empty())
    message.set(http::field::authorization, "Bearer " + settings_.token);
  for (const auto& [name, value] : ask.fields) message.set(name, value);
}

template <class Body, class Stream>
asio::awaitable<boost::system::error_code> Client::send(Stream& stream,
                                                        http::request<Body> message) const {
  http::request_serializer<Body> serializer(message);
  // Piece by piece: each has its time, however long the whole takes.
  while (!serializer.is_done()) {
    beast::get_lowest_layer(stream).expires_after(settings_.silence);
    auto [error, sent] = co_await http::async_write_some(stream, serializer, kWait);
    if (error) co_return error;
  }
  co_return boost::system::error_code();
}

template <class Stream, class Parser>
asio::awaitable<boost::system::error_code> Client::read_pieces(
    Stream& stream, Parser& parser, beast::flat_buffer& buffer,
    const std::function<bool(std::string_view)>& take, bool is_patient) {
  std::string piece(kPiece, '\0');
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    if (is_patient)
      beast::get_lowest_layer(stream).expires_never();
    else
      beast::get_lowest_layer(stream).expires_after(settings_.silence);
    auto [error, got] = co_await http::async_read_some(stream, buffer, parser, kWait);
    if (error && error != http::error::need_buffer) co_return error;
    const std::size_t size = piece.size() - body.size;
    if (size > 0 && !take({piece.data(), size})) co_return asio::error::operation_aborted;
  }
  co_return boost::system::error_code();
}

template <class Stream>
asio::awaitable<Outcome> Client::exchange(Stream& stream, const Ask& ask, bool is_kept) {
  boost::system::error_code error;
  if (ask.upload) {
    http::request<http::file_body> message;
    fill(message, ask);
    message.set(http::field::content_type, "application/octet-stream");
    message.body().open(ask.upload->c_str(), beast::file_mode::scan, error);
    if (error) co_return Failed{error};
    message.prepare_payload();
    error = co_await send(stream, std::move(message));
  } else {
    http::request<http::string_body> message;
    fill(message, ask);
    message.body() = ask.body;
    if (!ask.body.empty()) message.set(http::field::content_type, ask.type);
    message.prepare_payload();
    error = co_await send(stream, std::move(message));
  }
  // A refusal may come before all was sent, so the answer is looked for all the same.
  const bool is_sent = !error;
  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  parser.skip(ask.method == "HEAD");  // what is said of the body is true of none
  beast::get_lowest_layer(stream).expires_after(is_sent ? ask.patience : settings_.silence);
  auto [headless, got] = co_await http::async_read_header(stream, buffer, parser, kWait);
  if (headless) {
    const bool is_stale = is_kept && got == 0 && headless != beast::error::timeout;
    co_return Failed{is_sent ? headless : error, is_stale};
  }
  Reply reply;
  reply.status = parser.get().result_int();
  for (const auto& field : parser.get())
    reply.fields[in_lower_case(field.name_string())] = std::string(field.value());
  const bool is_success = reply.status >= 200 && reply.status < 300;
  std::ofstream file;
  if (is_success && ask.download) file.open(*ask.download, std::ios::binary | std::ios::trunc);
  bool is_too_large = false;
  const auto take = [&](std::string_view piece) {
    if (is_success && ask.on_piece) return ask.on_piece(piece);
    if (is_success && ask.download)
      return static_cast<bool>(
          file.write(piece.data(), static_cast<std::streamsize>(piece.size())));
    is_too_large = reply.body.size() + piece.size() > kLargestBody;
    if (!is_too_large) reply.body += piece;
    return !is_too_large;
  };
  error = co_await read_pieces(stream, parser, buffer, take,
                               is_success && static_cast<bool>(ask.on_piece));
  if (error && ask.on_piece && error == asio::error::operation_aborted && !is_cancelled_) {
    disconnect();  // whoever asked has heard enough
    co_return reply;
  }
  if (is_too_large) co_return Failed{http::error::body_limit};
  if (file.is_open()) {
    file.close();
    if (!file)
      co_return Failed{boost::system::errc::make_error_code(boost::system::errc::io_error)};
  }
  if (error) co_return Failed{error};
  if (!parser.get().keep_alive() || !is_sent) disconnect();
  co_return reply;
}

ErrorKind kind_of(unsigned status) {
  switch (status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
      return ErrorKind::invalid;
    case 401:
    case 403:
      return ErrorKind::permission;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    case 507:
      return ErrorKind::exhausted;
    case 429:
    case 502:
    case 503:
    case 504:
      return ErrorKind::unavailable;
    default:
      return ErrorKind::failed;
  }
}

std::optional<std::string> text_in(const boost::json::value& value, std::string_view name) {
  const auto* const object = value.if_object();
  const auto* const member = object == nullptr ? nullptr : object->if_contains(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string(member->as_string());
}

}  // namespace

std::unique_ptr<HttpClient> HttpClient::create(Settings settings) {
  return std::make_unique<Client>(std::move(settings));
}

Result<Reply> expect_success(Result<Reply> reply) {
  if (!reply || (reply->status >= 200 && reply->status < 300)) return reply;
  boost::system::error_code error;
  const boost::json::value problem = boost::json::parse(reply->body, error);
  const auto detail = error ? std::nullopt : text_in(problem, "detail");
  Error refusal(
      kind_of(reply->status),
      detail ? *detail : "the server answered with status " + std::to_string(reply->status));
  if (!error)
    if (auto hint = text_in(problem, "hint")) refusal = std::move(refusal).hint(*std::move(hint));
  return base::fail(std::move(refusal));
}

}  // namespace pipeline::http_client
