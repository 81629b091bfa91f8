// Webhooks of forges: whose signature is right is heard, and what it tells has the repository
// looked at. Nobody needs a token here: the secret that signs is the credential.
//
//   the repository's secret is found → on the pool: the body is verified and read →
//   a pull request is noted → the delivery is accepted, once → the repository is looked at
//
// In this order, so that whatever dies on the way, the same delivery does it all once more, and a
// delivery that was accepted does nothing again.
// Threads: the server's.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "pipelines/base/clock.h"
#include "runner/forge/webhook.h"
#include "runner/serve/lookout.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/delivery_store.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"
#include "runner/store/secret_vault.h"

namespace pipeline::serve {

class HookEndpoints {
 public:
  // What they refer to outlives it; the stores are the server's thread's own, to which `post`
  // brings work.
  struct Parts {
    store::RepositoryStore& repositories;
    store::SecretVault& secrets;
    store::DeliveryStore& deliveries;
    store::PullRequestStore& pull_requests;
    Lookout& lookout;
    worker::ThreadPool& pool;
    const base::Clock& clock;
    std::filesystem::path uploads;  // bodies on their way
    std::function<void(std::function<void()> work)> post;
    std::function<void(const std::string& line)> tell;
  };

  explicit HookEndpoints(Parts parts) : parts_(std::move(parts)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  // A repository whose forge is heard.
  struct Heard {
    store::RepositoryEntry entry;
    std::string secret;
  };
  struct Delivery {
    std::string id;
    forge::Notice notice;
  };

  void hear(const api::Call& call);
  base::Result<std::optional<Heard>> find(const std::string& repository);
  // On the pool.
  void read(const api::Call& call, const Heard& heard);
  static base::Result<Delivery> delivery_in(forge::Forge forge, const forge::Webhook& webhook);
  void take(const api::Call& call, const store::RepositoryEntry& entry,
            const base::Result<Delivery>& delivery);
  // What becomes of it, as a sentence's predicate; none: the repository is to be looked at.
  std::optional<std::string> why_not(const store::RepositoryEntry& entry,
                                     const forge::Notice& notice) const;
  base::Result<> note(const store::RepositoryEntry& entry, const Delivery& delivery);

  const Parts parts_;
  std::mutex reading_;  // one body in memory at a time: strangers send them, too
};

}  // namespace pipeline::serve
