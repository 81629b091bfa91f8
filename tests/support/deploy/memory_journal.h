// deploy::Journal in memory, as strict as the one on SQLite. The disk outlives the journals opened
// on it, as a disk outlives processes.
#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/rollout/journal_json.h"
#include "stages/deploy/journal.h"

namespace pipeline::support {

struct JournalDisk {
  struct Environment {
    std::vector<std::string> lines;  // as JSON: what cannot be stored and read back is found out
    std::uint64_t fence = 0;
    std::list<int> queue;
    int next_place = 1;
  };
  std::map<deploy::EnvironmentKey, Environment> environments;
};

class MemoryPlace final : public deploy::QueuePlace {
 public:
  explicit MemoryPlace(JournalDisk::Environment& environment)
      : environment_(environment), number_(environment.next_place++) {
    environment_.queue.push_back(number_);
  }
  ~MemoryPlace() override { environment_.queue.remove(number_); }
  MemoryPlace(const MemoryPlace&) = delete;
  MemoryPlace& operator=(const MemoryPlace&) = delete;

  base::Result<deploy::Turn> poll() override {
    if (environment_.queue.front() != number_) return deploy::Turn{std::nullopt, "pid 1"};
    if (fence_ == 0) fence_ = ++environment_.fence;
    return deploy::Turn{fence_, {}};
  }

 private:
  JournalDisk::Environment& environment_;
  int number_;
  std::uint64_t fence_ = 0;
};

class MemoryJournal final : public deploy::Journal {
 public:
  explicit MemoryJournal(JournalDisk& disk) : disk_(disk) {}

  base::Result<std::unique_ptr<deploy::QueuePlace>> enqueue(
      const deploy::EnvironmentKey& key) override {
    return std::make_unique<MemoryPlace>(disk_.environments[key]);
  }

  base::Result<std::optional<std::string>> holder(const deploy::EnvironmentKey& key) override {
    if (disk_.environments[key].queue.empty()) return std::nullopt;
    return "pid 1";
  }

  base::Result<> append(const deploy::EnvironmentKey& key, std::uint64_t fence,
                        const rollout::Entry& entry) override {
    auto& environment = disk_.environments[key];
    if (fence == 0 || fence != environment.fence) {
      return base::fail(base::ErrorKind::conflict, "another process has taken it over");
    }
    std::string line = rollout::to_json(entry);
    if (environment.lines.empty() || environment.lines.back() != line)
      environment.lines.push_back(std::move(line));
    return {};
  }

  base::Result<std::vector<rollout::Entry>> read(const deploy::EnvironmentKey& key) override {
    std::vector<rollout::Entry> entries;
    for (const std::string& line : disk_.environments[key].lines) {
      PIPELINE_ASSIGN(auto entry, rollout::entry_from_json(line));
      if (std::holds_alternative<rollout::Checkpoint>(entry.body)) entries.clear();
      entries.push_back(std::move(entry));
    }
    return entries;
  }

  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    std::vector<deploy::EnvironmentKey> keys;
    for (const auto& [key, environment] : disk_.environments) {
      if (!environment.lines.empty()) keys.push_back(key);
    }
    return keys;
  }

  base::Result<std::uint64_t> newest() override {
    std::uint64_t lines = 0;
    for (const auto& [key, environment] : disk_.environments) lines += environment.lines.size();
    return lines;
  }

 private:
  JournalDisk& disk_;
};

}  // namespace pipeline::support
