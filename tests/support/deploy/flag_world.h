// Environments whose releases carry flag files, in memory: what a toggle desk looks at.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "runner/toggles/toggle_desk.h"
#include "tests/support/deploy/memory_journal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store/memory_toggle_store.h"

namespace pipeline::support {

// Trees of one file each.
class FlagTrees final : public source::Source {
 public:
  base::Result<std::string> read_file(const source::Revision& revision,
                                      const std::string& path) override {
    ++reads;
    if (is_away) return base::fail(base::ErrorKind::io, "the disk is away");
    const auto found = files.find(revision.tree + ":" + path);
    if (found == files.end()) return base::fail(base::ErrorKind::not_found, "no " + path);
    return found->second;
  }
  base::Result<source::WorkTree> work_tree(const std::string&, const std::string&) override {
    return unused();
  }
  base::Result<source::Revision> snapshot(const std::filesystem::path&) override {
    return unused();
  }
  base::Result<source::Revision> fetch(const std::string&, const std::string&,
                                       const source::FetchObserver&) override {
    return unused();
  }
  base::Result<std::vector<TreeEntry>> list_files(const source::Revision&,
                                                  const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> changed_paths(const std::string&, const std::string&,
                                                       const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> brought_by(const std::string&, const std::string&,
                                                    const std::string&) override {
    return unused();
  }

  std::map<std::string, std::string> files;  // "TREE:PATH"
  bool is_away = false;
  int reads = 0;

 private:
  static tl::unexpected<base::Error> unused() {
    ADD_FAILURE() << "toggles have no use for this";
    return base::fail(base::ErrorKind::internal, "unused");
  }
};

class FlagWorld {
 public:
  explicit FlagWorld(ManualClock& clock) : clock_(clock) {}

  static inline const deploy::EnvironmentKey kProduction{"shop", "production"};
  static constexpr const char* kPath = "flags.json";

  // A release that serves, with that text as its flag file; none: it names no flag file.
  void deploy(std::uint64_t number, const std::optional<std::string>& text,
              const deploy::EnvironmentKey& key = kProduction) {
    rollout::EnvironmentRecord record;
    rollout::Release release;
    release.number = number;
    release.artifact = "shop";
    release.repository = "/srv/shop";
    release.tree = "tree-" + std::to_string(number);
    release.environment.name = key.environment;
    if (text) {
      release.environment.toggles = kPath;
      trees.files[release.tree + ":" + kPath] = *text;
    }
    record.repository = release.repository;
    record.releases = {release};
    record.current = record.last_release = number;
    write(key, rollout::Checkpoint{.record = record});
  }
  void shut_down(const deploy::EnvironmentKey& key = kProduction) {
    write(key, rollout::ShutDown{});
  }
  toggles::ToggleDesk& desk() { return desk_; }

  FlagTrees trees;
  MemoryToggles toggles;
  MemoryToggleStore store{toggles};

 private:
  void write(const deploy::EnvironmentKey& key, rollout::EntryBody body) {
    const auto place = journal_.enqueue(key);
    ASSERT_TRUE(place);
    const auto turn = (*place)->poll();
    ASSERT_TRUE(journal_.append(key, *turn->fence, {.at = clock_.now(), .body = std::move(body)}));
  }

  ManualClock& clock_;
  JournalDisk disk_;
  MemoryJournal journal_{disk_};
  toggles::ToggleDesk desk_{journal_, store, trees, clock_};
};

}  // namespace pipeline::support
