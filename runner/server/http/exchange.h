// One request and its answer, as the server hands it to a handler.
//
// Order of calls:  answer()
//              or  stream() → send()* → end()
// A handler may answer at once or much later, from any thread; calls after the end, or when the
// peer has left, do nothing. An exchange that is dropped unanswered is answered with status 500.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "runner/server/http/message.h"

namespace pipeline::http {

class Exchange {
 public:
  virtual ~Exchange() = default;

  // Its own as long as the exchange lives; only its body file may be moved away.
  virtual const Request& request() const = 0;

  virtual void answer(Response response) = 0;

  // An answer whose end is not known yet; `head` has no body.
  virtual void stream(Response head) = 0;
  virtual void send(std::string piece) = 0;
  virtual void end() = 0;
  // Bytes that the peer has not taken yet: whoever sends faster than it reads must wait.
  virtual std::size_t unsent() const = 0;
  // Called on the server's thread, each time that all which was sent has been taken.
  virtual void on_taken(std::function<void()> more) = 0;

  // Called on the server's thread, once, when the peer leaves before the answer ended; at once if
  // it has left already.
  virtual void on_left(std::function<void()> left) = 0;
};

// What becomes of a request whose head is there.
struct Admission {
  std::optional<Response> refusal{};  // nothing more of it is looked at
  std::uint64_t largest_body = 0;
  std::filesystem::path directory{};  // not empty: the body goes to a file there
  // Called once the body is there.
  std::function<void(std::shared_ptr<Exchange>)> handle{};
};

// What the server calls, on its own thread, as what it is given to handle: neither may block.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Admission admit(const Request& head) = 0;
};

}  // namespace pipeline::http
