// Tells applications that flags have changed, so that they ask again: OFREP's event streams
// (https://github.com/open-feature/protocol, service/event-streams.yaml and ADR 8), as server-sent
// events (WHATWG HTML section 9.2).
//   id: 5d41402abc4b2a76b9719d911017c592
//   event: message
//   data: {"type":"refetchEvaluation","etag":"5d41…","lastModified":1771622898}
// The id is the revision of what is served: whoever comes back with the newest one is told nothing,
// anybody else is told at once. A comment is sent now and then, for whatever stands between and
// ends what is silent.
//
// Threads: the server's.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "pipelines/base/clock.h"
#include "runner/server/http/exchange.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::ofrep {

// What is served in an environment, as far as a listener learns of it.
struct Tidings {
  std::string revision;
  base::TimePoint since;
};

class ChangeStream {
 public:
  // `seen` is the last id that the listener has had; empty: none.
  void follow(const deploy::EnvironmentKey& key, std::string_view seen, const Tidings& now,
              const std::shared_ptr<http::Exchange>& exchange);
  // There is something else from now on.
  void tell(const deploy::EnvironmentKey& key, const Tidings& now);
  void keep_alive();
  // Ends every answer: whoever listens comes back to the next server.
  void close();

  std::size_t listeners() const { return listeners_.size(); }

 private:
  struct Listener {
    deploy::EnvironmentKey key;
    std::shared_ptr<http::Exchange> exchange;
  };

  // False when it is too far behind, and was cut off.
  static bool send(const Listener& listener, const std::string& text);

  std::list<Listener> listeners_;
};

}  // namespace pipeline::ofrep
