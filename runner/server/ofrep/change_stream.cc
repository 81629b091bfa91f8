#include "runner/server/ofrep/change_stream.h"

#include <boost/json.hpp>

namespace pipeline::ofrep {

namespace {

namespace json = boost::json;

// Messages are small: whoever has left so much of them is not reading.
constexpr std::size_t kMostUnsent = std::size_t{64} << 10U;
// Milliseconds after which a listener that was cut off comes back.
constexpr const char* kRetry = "retry: 1000\n\n";

std::string message_of(const Tidings& now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.since).time_since_epoch();
  const json::object data{
      {"type", "refetchEvaluation"}, {"etag", now.revision}, {"lastModified", seconds.count()}};
  return "id: " + now.revision + "\nevent: message\ndata: " + json::serialize(data) + "\n\n";
}

}  // namespace

void ChangeStream::follow(const deploy::EnvironmentKey& key, std::string_view seen,
                          const Tidings& now, const std::shared_ptr<http::Exchange>& exchange) {
  http::Response head;
  head.fields.add("Content-Type", "text/event-stream");
  head.fields.add("Cache-Control", "no-store");
  exchange->stream(std::move(head));
  exchange->send(kRetry + (seen == now.revision ? std::string() : message_of(now)));
  listeners_.push_back({key, exchange});
  exchange->on_left([this, exchange = exchange.get()] {
    std::erase_if(listeners_, [&](const Listener& one) { return one.exchange.get() == exchange; });
  });
}

bool ChangeStream::send(const Listener& listener, const std::string& text) {
  if (listener.exchange->unsent() > kMostUnsent) {
    listener.exchange->end();
    return false;
  }
  listener.exchange->send(text);
  return true;
}

void ChangeStream::tell(const deploy::EnvironmentKey& key, const Tidings& now) {
  const std::string message = message_of(now);
  std::erase_if(listeners_,
                [&](const Listener& one) { return one.key == key && !send(one, message); });
}

void ChangeStream::keep_alive() {
  std::erase_if(listeners_, [](const Listener& one) { return !send(one, ":\n\n"); });
}

void ChangeStream::close() {
  for (const Listener& listener : listeners_) listener.exchange->end();
  listeners_.clear();
}

}  // namespace pipeline::ofrep
