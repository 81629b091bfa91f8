#include "runner/server/http/paced_stream.h"

namespace pipeline::http {

namespace {

constexpr std::size_t kMostUnsent = std::size_t{1} << 20U;

}  // namespace

PacedStream::PacedStream(std::shared_ptr<Exchange> exchange, Response head)
    : exchange_(std::move(exchange)) {
  exchange_->on_left([state = state_] {
    const std::scoped_lock guard(state->mutex);
    state->has_left = true;
    state->changed.notify_all();
  });
  exchange_->on_taken([state = state_] {
    const std::scoped_lock guard(state->mutex);
    state->was_taken = true;
    state->changed.notify_all();
  });
  exchange_->stream(std::move(head));
}

PacedStream::~PacedStream() {
  exchange_->end();
}

bool PacedStream::send(std::string piece) {
  {
    std::unique_lock lock(state_->mutex);
    while (!state_->has_left) {
      // Before the look: what is taken after it is told.
      state_->was_taken = false;
      if (exchange_->unsent() <= kMostUnsent) break;
      state_->changed.wait(lock, [&] { return state_->has_left || state_->was_taken; });
    }
    if (state_->has_left) return false;
  }
  exchange_->send(std::move(piece));
  return true;
}

bool PacedStream::has_left() const {
  const std::scoped_lock guard(state_->mutex);
  return state_->has_left;
}

}  // namespace pipeline::http
