// Telling the world of runs: an announcer and a courier, each on a thread of its own with the
// outbox between them, and what people are shown of it.
//
// Order of calls: start() → stop(). Threads: note() and add_metrics() from any; endpoints on the
// server's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/cli/services.h"
#include "runner/notify/mailer.h"
#include "runner/serve/announcer.h"
#include "runner/serve/courier.h"
#include "runner/serve/ticker.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/api/metric_text.h"

namespace pipeline::serve {

// Each call opens another, for whichever thread calls.
struct TellingStores {
  std::function<base::Result<std::unique_ptr<store::NoticeStore>>()> notices;
  std::function<base::Result<std::unique_ptr<store::RepositoryStore>>()> repositories;
  std::function<base::Result<std::unique_ptr<store::PullRequestStore>>()> pull_requests;
};

class Telling {
 public:
  struct Settings {
    const store::Paths& paths;
    std::optional<notify::MailServer> mail;       // none: no mail leaves
    std::function<std::string()> server;          // where people find it; empty: not known
    std::optional<trace::OtlpReceiver> traces{};  // none: nobody wants any
  };
  using MakeServices = std::function<std::unique_ptr<cli::Services>()>;

  // What they refer to outlives it. Opens what it works with.
  static base::Result<std::unique_ptr<Telling>> open(
      const Settings& settings, const TellingStores& stores, const MakeServices& make_services,
      const base::Clock& clock, const std::function<void(const std::string&)>& tell);
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;
  ~Telling() { stop(); }

  void start();
  // Cuts off what is under way: the next server sends it again.
  void stop();
  // A run has that event, durably; without one: it may have any.
  void note(run::RunId run, const run::Event* event);

  std::vector<api::Endpoint> endpoints();
  void add_metrics(api::MetricText& text) const;
  // How the telling goes; from any thread.
  Courier::Snapshot snapshot() const { return courier_.snapshot(); }

 private:
  // One thread's own.
  struct Stores {
    std::unique_ptr<cli::Services> services;
    std::unique_ptr<store::NoticeStore> notices;
    std::unique_ptr<store::RepositoryStore> repositories;
    std::unique_ptr<store::PullRequestStore> pull_requests;
    store::RunStore* runs = nullptr;
    store::SecretVault* secrets = nullptr;
  };

  Telling(const Settings& settings, Stores announcing, Stores delivering,
          std::unique_ptr<store::NoticeStore> listing, const base::Clock& clock,
          const std::function<void(const std::string&)>& tell);
  static base::Result<Stores> open_stores(const TellingStores& stores,
                                          const MakeServices& make_services);
  void list(const api::Call& call);

  Stores announcing_;
  Stores delivering_;
  std::unique_ptr<store::NoticeStore> listing_;  // the server's thread's
  std::optional<notify::Mailer> mailer_;
  Announcer announcer_;
  Courier courier_;
  Ticker announcements_;
  Ticker deliveries_;
};

}  // namespace pipeline::serve
