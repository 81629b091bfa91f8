// Serves the requests of one connection, one after another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "runner/server/http/exchange.h"
#include "runner/server/http/wire/server.h"

namespace pipeline::http {

// What connections share with the server; on its thread.
struct Shared {
  Handler& handler;
  const Limits& limits;
  bool is_stopping = false;  // no further request of any connection is taken
};

// Ends when the peer leaves, is too slow, sends what is not HTTP, or the server stops.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual boost::asio::awaitable<void> serve() = 0;
  // Ends it now if no request of it is being handled.
  virtual void leave_if_idle() = 0;
  virtual void abort() = 0;
};

std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket, Shared& shared,
                                            std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace pipeline::http
