// Writes responses to a stream, TCP or TLS. For connection.cc: a second unit that includes this
// would compile all of it again.
//
// No co_await stands in an operand of && or || or ?: here: GCC 12 evaluates it in any case.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <ctime>

#include "runner/server/http/wire/reply.h"
#include "runner/server/http/wire/server.h"
#include "runner/server/http/wire/wait.h"

namespace pipeline::http {

// What of the request decides on the form of its answer.
struct AnswerForm {
  bool keep_alive = true;  // the connection stays open after it
  bool is_head = false;    // without the body
  bool has_chunks = true;  // HTTP/1.0 knows none
};

// Every call tells whether the peer has taken all of it.
template <class Stream>
class Sender {
 public:
  Sender(Stream& stream, const Limits& limits) : stream_(stream), limits_(limits) {}

  boost::asio::awaitable<bool> send(Response response, AnswerForm form) {
    if (response.file) co_return co_await send_file(std::move(response), form);
    const bool has_body = response.status != 204 && response.status != 304;
    if (form.is_head || !has_body) {
      auto message = message_of<boost::beast::http::empty_body>(response, form);
      if (has_body) message.content_length(response.body.size());
      co_return co_await write(message, 0);
    }
    auto message = message_of<boost::beast::http::string_body>(response, form);
    message.body() = std::move(response.body);
    message.prepare_payload();
    co_return co_await write(message, message.body().size());
  }

  // Until the handler has ended it. REQUIRES: !form.keep_alive where there are no chunks.
  boost::asio::awaitable<bool> send_stream(const Response& response, Reply& reply,
                                           AnswerForm form) {
    auto message = message_of<boost::beast::http::empty_body>(response, form);
    message.chunked(form.has_chunks);
    if (!co_await write_head(message)) co_return false;
    while (!form.is_head && !reply.has_left()) {
      if (const std::string pieces = reply.take_pieces(); !pieces.empty()) {
        if (!co_await send_piece(pieces, form)) co_return false;
        reply.taken(pieces.size());
      } else if (reply.has_ended()) {
        if (!form.has_chunks) co_return true;
        co_return co_await bytes(boost::beast::http::make_chunk_last());
      } else {
        co_await reply.change();
      }
    }
    co_return form.is_head;
  }

  boost::asio::awaitable<bool> send_go_ahead() {
    boost::beast::http::response<boost::beast::http::empty_body> message(
        boost::beast::http::status::continue_, kVersion);
    co_return co_await write(message, 0);
  }

 private:
  static constexpr unsigned kVersion = 11;
  static constexpr std::size_t kFilePiece = 128U << 10U;

  template <class Body>
  static boost::beast::http::response<Body> message_of(const Response& response, AnswerForm form) {
    boost::beast::http::response<Body> message;
    message.version(kVersion);
    message.result(response.status);
    message.set(boost::beast::http::field::date, date());
    for (const auto& [name, value] : response.fields.all()) message.insert(name, one_line(value));
    message.keep_alive(form.keep_alive);
    return message;
  }

  // A line end would begin a field that nobody meant.
  static std::string one_line(std::string value) {
    std::ranges::replace_if(
        value, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return value;
  }

  // RFC 9110, section 5.6.7.
  static std::string date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), size};
  }

  template <class Message>
  boost::asio::awaitable<bool> write(Message& message, std::uint64_t size) {
    allow_time_for(size);
    auto [error, sent] = co_await boost::beast::http::async_write(stream_, message, kWait);
    co_return !error;
  }

  template <class Message>
  boost::asio::awaitable<bool> write_head(Message& message) {
    boost::beast::http::response_serializer<boost::beast::http::empty_body> serializer(message);
    allow_time_for(0);
    auto [error, sent] =
        co_await boost::beast::http::async_write_header(stream_, serializer, kWait);
    co_return !error;
  }

  boost::asio::awaitable<bool> send_file(Response response, AnswerForm form) {
    auto message = message_of<boost::beast::http::empty_body>(response, form);
    message.content_length(response.file->length);
    if (!co_await write_head(message)) co_return false;
    if (form.is_head) co_return true;
    std::string piece(kFilePiece, '\0');
    auto& [file, offset, length] = *response.file;
    while (length > 0) {
      const auto wanted = std::min<std::uint64_t>(length, piece.size());
      const ssize_t got = ::pread(file.get(), piece.data(), wanted, static_cast<off_t>(offset));
      // The head promised more: only closing tells that it is not whole.
      if (got <= 0) co_return false;
      const auto size = static_cast<std::size_t>(got);
      if (!co_await bytes(boost::asio::buffer(piece.data(), size))) co_return false;
      offset += size;
      length -= size;
    }
    co_return true;
  }

  boost::asio::awaitable<bool> send_piece(const std::string& piece, AnswerForm form) {
    const auto buffer = boost::asio::buffer(piece);
    if (!form.has_chunks) co_return co_await bytes(buffer);
    co_return co_await bytes(boost::beast::http::make_chunk(buffer));
  }

  template <class Buffers>
  boost::asio::awaitable<bool> bytes(const Buffers& buffers) {
    allow_time_for(boost::asio::buffer_size(buffers));
    auto [error, sent] = co_await boost::asio::async_write(stream_, buffers, kWait);
    co_return !error;
  }

  void allow_time_for(std::uint64_t size) {
    boost::beast::get_lowest_layer(stream_).expires_after(
        limits_.for_piece + std::chrono::seconds(size / limits_.slowest));
  }

  Stream& stream_;
  const Limits& limits_;
};

}  // namespace pipeline::http
