#include "runner/serve/event_feed.h"

#include "pipelines/run/event_json.h"

namespace pipeline::serve {

namespace {

using base::Result;

// Whoever is that far behind is cut off, and comes back when it has caught up.
constexpr std::size_t kMostUnsent = std::size_t{16} << 20U;

std::string message_of(const run::Event& event) {
  return "id: " + std::to_string(event.sequence) + "\ndata: " + run::to_json(event) + "\n\n";
}

}  // namespace

Result<> EventFeed::follow(run::RunId run, std::uint64_t after, Until until,
                           const std::shared_ptr<http::Exchange>& exchange) {
  PIPELINE_TRY(store_.events(run, after));
  http::Response head;
  head.fields.add("Content-Type", "text/event-stream");
  head.fields.add("Cache-Control", "no-store");
  exchange->stream(std::move(head));
  Follower follower{.exchange = exchange, .run = run, .seen = after};
  if (!send_news(follower)) return {};
  if (until == Until::now) {
    exchange->end();
    return {};
  }
  followers_.push_back(std::move(follower));
  exchange->on_left([this, exchange = exchange.get()] {
    std::erase_if(followers_, [&](const Follower& one) { return one.exchange.get() == exchange; });
  });
  return {};
}

void EventFeed::notify(run::RunId run) {
  {
    const std::scoped_lock guard(mutex_);
    // Whoever put the first one there has posted.
    const bool is_posted = !news_.empty();
    news_.insert(run);
    if (is_posted) return;
  }
  post_([this] {
    std::set<run::RunId> runs;
    {
      const std::scoped_lock guard(mutex_);
      runs.swap(news_);
    }
    look(runs);
  });
}

void EventFeed::close() {
  for (const Follower& follower : followers_) follower.exchange->end();
  followers_.clear();
}

void EventFeed::look(const std::set<run::RunId>& runs) {
  std::erase_if(followers_, [&](Follower& follower) {
    return runs.contains(follower.run) && !send_news(follower);
  });
}

bool EventFeed::send_news(Follower& follower) {
  const auto events = store_.events(follower.run, follower.seen);
  bool has_ended = !events || follower.exchange->unsent() > kMostUnsent;
  if (events && !has_ended) {
    std::string news;
    for (const run::Event& event : *events) {
      news += message_of(event);
      follower.seen = event.sequence;
      // One that was tried again goes on.
      if (std::holds_alternative<run::RunFinished>(event.body)) has_ended = true;
      if (std::holds_alternative<run::RunRetried>(event.body)) has_ended = false;
    }
    if (!news.empty()) follower.exchange->send(std::move(news));
  }
  if (has_ended) follower.exchange->end();
  return !has_ended;
}

}  // namespace pipeline::serve
