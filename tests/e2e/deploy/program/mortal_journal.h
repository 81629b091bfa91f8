// The real journal, with a moment after everything that is written, and one before an effect's
// outcome is: the effect was had, and nobody has been told.
#pragma once

#include <cstdio>

#include "stages/deploy/journal.h"
#include "tests/e2e/deploy/program/moments.h"

namespace pipeline {

class MortalJournal final : public deploy::Journal {
 public:
  MortalJournal(deploy::Journal& journal, Moments& moments)
      : journal_(journal), moments_(moments) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override {
    return journal_.enqueue(key);
  }
  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override {
    return journal_.holder(key);
  }
  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override {
    if (std::holds_alternative<rollout::Outcome>(entry.body)) moments_.pass();
    tell_of_the_way_back(entry);
    auto appended = journal_.append(key, fence, entry);
    moments_.pass();
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
  void tell_of_the_way_back(const rollout::Entry& entry) const {
    const auto* entered = std::get_if<rollout::Entered>(&entry.body);
    if (entered == nullptr || entered->state != rollout::State::rolling_back) return;
    std::printf("goes back after moment %d\n", moments_.passed());
  }

  deploy::Journal& journal_;
  Moments& moments_;
};

}  // namespace pipeline
