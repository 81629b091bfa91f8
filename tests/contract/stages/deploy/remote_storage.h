// The journal of a server as the drivers of its agents have it: each place in a queue is that of a
// lease of its own, as it is when each belongs to a deployment of its own.
#pragma once

#include <map>
#include <stdexcept>

#include "agents/agent/remote_journal.h"
#include "agents/link/remote/lease_file.h"
#include "runner/server/agents/journal_desk.h"
#include "runner/store/sqlite/sqlite_journal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::support {

class ServerOfJournals {
 public:
  ServerOfJournals() : journal_(store::open_sqlite_journal(store::Paths(directory_.path()))) {
    if (!journal_) throw std::runtime_error(journal_.error().to_string());
  }

  // With a lease of its own.
  std::unique_ptr<agent::RemoteJournal> driver(const deploy::EnvironmentKey& key) {
    const link::AttemptWord word{{++runs_, "deploy", 1}, runs_};
    const auto logs = directory_.path() / std::to_string(runs_);
    std::filesystem::create_directories(logs);
    const auto adopted =
        link::write_lease(
            logs, {"prod", word.fence, link::DeployedPlace{key.pipeline, key.environment, {}}})
            .and_then([&] {
              return desk_.resume({"deploy", 1, logs, runs_}, sink_);
            });
    if (!adopted) throw std::runtime_error(adopted.error().to_string());
    return std::make_unique<agent::RemoteJournal>(
        [this, word](const protocol::JournalAsk& ask) {
          return journals_.answer("prod", word, ask);
        },
        key, agent::Patience{.tries = 1, .pause = [] {}});
  }

 private:
  class Deaf final : public link::EventSink {
   public:
    void post(run::EventBody /*event*/) override {}
  };

  TemporaryDirectory directory_;
  base::Result<std::unique_ptr<deploy::Journal>> journal_;
  ManualClock clock_;
  Deaf sink_;
  link::AgentDesk desk_{clock_, std::chrono::seconds(45)};
  server::JournalDesk journals_{
      desk_,
      {.journal = [this]() -> base::Result<deploy::Journal*> { return journal_->get(); },
       .settings = [](const deploy::EnvironmentKey&) { return toggle::Settings{}; }}};
  std::uint64_t runs_ = 0;
};

// All of its drivers, as if they were one.
class DriversJournal final : public deploy::Journal {
 public:
  using Key = deploy::EnvironmentKey;
  explicit DriversJournal(ServerOfJournals& server) : server_(server) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(const Key& key) override {
    std::shared_ptr<agent::RemoteJournal> driver = server_.driver(key);
    PIPELINE_ASSIGN(auto place, driver->enqueue(key));
    return std::make_unique<Place>(std::move(place), [this, key, driver](std::uint64_t fence) {
      writers_[{key, fence}] = driver;
    });
  }
  base::Result<std::optional<std::string>> holder(const Key& key) override {
    return server_.driver(key)->holder(key);
  }
  base::Result<> append(const Key& key, std::uint64_t fence, const rollout::Entry& entry) override {
    const auto writer = writers_.find({key, fence});
    if (writer != writers_.end()) return writer->second->append(key, fence, entry);
    return server_.driver(key)->append(key, fence, entry);
  }
  base::Result<std::vector<rollout::Entry>> read(const Key& key) override {
    return server_.driver(key)->read(key);
  }
  base::Result<std::vector<Key>> environments() override {
    return server_.driver({"shop", "production"})->environments();
  }
  base::Result<std::uint64_t> newest() override {
    return server_.driver({"shop", "production"})->newest();
  }

 private:
  class Place final : public deploy::QueuePlace {
   public:
    Place(std::unique_ptr<deploy::QueuePlace> inner, std::function<void(std::uint64_t)> on_turn)
        : inner_(std::move(inner)), on_turn_(std::move(on_turn)) {}
    base::Result<deploy::Turn> poll() override {
      auto turn = inner_->poll();
      if (turn && turn->fence) on_turn_(*turn->fence);
      return turn;
    }

   private:
    const std::unique_ptr<deploy::QueuePlace> inner_;
    const std::function<void(std::uint64_t)> on_turn_;
  };

  ServerOfJournals& server_;
  std::map<std::pair<Key, std::uint64_t>, std::shared_ptr<agent::RemoteJournal>> writers_;
};

}  // namespace pipeline::support
