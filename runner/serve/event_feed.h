// Events of runs as they happen, for whoever follows one over HTTP (server-sent events, WHATWG HTML
// section 9.2): each event of a run is one message, its sequence number the message's id. A
// follower that was cut off goes on after the last id that it saw.
//
// Threads: notify() from any; everything else on the server's.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "pipelines/run/event.h"
#include "runner/server/http/exchange.h"
#include "runner/store/run_store.h"

namespace pipeline::serve {

class EventFeed {
 public:
  // `store` belongs to the server's thread, to which `post` brings work.
  EventFeed(store::RunStore& store, std::function<void(std::function<void()>)> post)
      : store_(store), post_(std::move(post)) {}

  enum class Until { now, end };
  // Answers with all events of the run after that one, and all to come until it has ended, if that
  // is asked for. ErrorKind::not_found for an unknown run: then nothing was answered.
  base::Result<> follow(run::RunId run, std::uint64_t after, Until until,
                        const std::shared_ptr<http::Exchange>& exchange);
  // The run has new events.
  void notify(run::RunId run);
  // Ends every answer: whoever follows comes back to the next server.
  void close();

 private:
  struct Follower {
    std::shared_ptr<http::Exchange> exchange;
    run::RunId run = 0;
    std::uint64_t seen = 0;  // sequence number
  };

  void look(const std::set<run::RunId>& runs);
  // Whether there is more to come.
  bool send_news(Follower& follower);

  store::RunStore& store_;
  const std::function<void(std::function<void()>)> post_;
  std::list<Follower> followers_;
  std::mutex mutex_;  // guards what follows
  std::set<run::RunId> news_;
};

}  // namespace pipeline::serve
