// An HTTP/1.1 server (RFC 9112) on one thread, over TCP or TLS, for any number of connections that
// mostly wait.
//
// It guards itself: slow clients, huge heads and bodies, and more connections than it was told to
// take never reach the handler.
//
// Order of calls:  create → (listen | adopt)+ → run() on the thread that will be the server's.
// stop(), post() and set_tls() are safe from any thread; everything else is for the caller of
// run().
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "pipelines/base/result.h"
#include "runner/server/http/exchange.h"
#include "stages/host/listener.h"
#include "stages/host/unique_fd.h"

namespace pipeline::http {

// PEM files.
struct TlsFiles {
  std::filesystem::path certificates;  // the server's first, then those that lead to its issuer
  std::filesystem::path key;

  bool operator==(const TlsFiles&) const = default;
};

struct Limits {
  std::size_t connections = 12'000;
  std::uint32_t head = 16U << 10U;                            // bytes of request line and fields
  std::chrono::milliseconds idle = std::chrono::seconds(75);  // between two requests
  std::chrono::milliseconds for_head = std::chrono::seconds(10);   // from its first byte on
  std::chrono::milliseconds for_piece = std::chrono::seconds(30);  // no byte taken or given
  std::uint64_t slowest = 1024;  // bytes a second below which a body is not waited for
  std::chrono::milliseconds to_stop = std::chrono::seconds(5);  // for answers under way

  bool operator==(const Limits&) const = default;
};

class Server {
 public:
  virtual ~Server() = default;
  // `handler` must outlive it.
  static std::unique_ptr<Server> create(Handler& handler, const Limits& limits);

  // The address that it listens on now: port 0 is a free one. ErrorKind::conflict when it is taken.
  virtual base::Result<host::Address> listen(const host::Address& address) = 0;
  // A listening socket that somebody else opened.
  virtual base::Result<> adopt(host::UniqueFd listener) = 0;
  // TLS for every connection from now on; ErrorKind::invalid, and what was before goes on, when the
  // files do not fit together.
  virtual base::Result<> set_tls(const TlsFiles& files) = 0;

  // Returns after stop(), when the last connection is gone or was given up.
  virtual void run() = 0;
  // No new connections; answers under way have a moment to end.
  virtual void stop() = 0;
  // Calls `work` on the server's thread.
  virtual void post(std::function<void()> work) = 0;
  virtual std::size_t connections() const = 0;  // any thread
};

}  // namespace pipeline::http
