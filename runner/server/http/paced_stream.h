// A streamed answer whose sender waits for a peer that reads slowly, so that memory stays bounded.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "runner/server/http/exchange.h"

namespace pipeline::http {

// For a thread that may block; never the server's own. The stream ends with the object.
class PacedStream {
 public:
  // Begins the answer; `head` has no body.
  PacedStream(std::shared_ptr<Exchange> exchange, Response head);
  ~PacedStream();
  PacedStream(const PacedStream&) = delete;
  PacedStream& operator=(const PacedStream&) = delete;

  // Waits until the peer has taken most of what was sent before. False when it has left.
  bool send(std::string piece);
  bool has_left() const;

 private:
  // Outlives the object: the exchange calls back.
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool has_left = false;
    bool was_taken = false;
  };

  std::shared_ptr<Exchange> exchange_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace pipeline::http
