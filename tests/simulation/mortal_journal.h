// A deployment journal between a simulated driver and the disk: it tells of turns and entries, and
// whatever `strike` throws or returns happens before an entry is written, or after it and before
// the answer. A driver may come with a place that was taken for it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "tests/support/deploy/memory_journal.h"

namespace pipeline::simulation {

class MortalJournal final : public deploy::Journal {
 public:
  struct Hooks {
    std::function<base::Result<>(const std::string& call)> strike;
    std::function<void(std::uint64_t fence)> on_turn;
    std::function<void(const rollout::Entry& entry)> on_entry;
  };
  MortalJournal(support::JournalDisk& disk, std::unique_ptr<deploy::QueuePlace> taken, Hooks hooks)
      : journal_(disk), taken_(std::move(taken)), hooks_(std::move(hooks)) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override {
    if (!taken_) {
      PIPELINE_ASSIGN(taken_, journal_.enqueue(key));
    }
    return std::make_unique<Place>(std::move(taken_), hooks_);
  }
  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override {
    return journal_.holder(key);
  }
  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override {
    PIPELINE_TRY(hooks_.strike("before append"));
    auto appended = journal_.append(key, fence, entry);
    if (appended) hooks_.on_entry(entry);
    // What was written was written: only death may come between that and the answer.
    (void)hooks_.strike("after append");
    return appended;
  }
  base::Result<std::vector<rollout::Entry>> read(const deploy::EnvironmentKey& key) override {
    return journal_.read(key);
  }
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    return journal_.environments();
  }
  base::Result<std::uint64_t> newest() override { return journal_.newest(); }

 private:
  class Place final : public deploy::QueuePlace {
   public:
    Place(std::unique_ptr<deploy::QueuePlace> place, const Hooks& hooks)
        : place_(std::move(place)), hooks_(hooks) {}
    base::Result<deploy::Turn> poll() override {
      PIPELINE_ASSIGN(deploy::Turn turn, place_->poll());
      if (turn.fence) hooks_.on_turn(*turn.fence);
      return turn;
    }

   private:
    std::unique_ptr<deploy::QueuePlace> place_;
    const Hooks& hooks_;
  };

  support::MemoryJournal journal_;
  std::unique_ptr<deploy::QueuePlace> taken_;
  Hooks hooks_;
};

}  // namespace pipeline::simulation
