// The stores that telling works with, on a directory of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/store/secret_vault.h"
#include "runner/store/sqlite/sqlite_notice_store.h"
#include "runner/store/sqlite/sqlite_pull_request_store.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "runner/store/sqlite/sqlite_secret_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::serve {

struct OutboxOfTests {
  support::TemporaryDirectory directory{};
  store::Paths paths{directory.path()};
  support::ManualClock clock{};
  std::unique_ptr<store::RunStore> runs = *store::open_sqlite_run_store(paths);
  std::unique_ptr<store::NoticeStore> notices = *store::open_sqlite_notice_store(paths);
  std::unique_ptr<store::RepositoryStore> repositories =
      *store::open_sqlite_repository_store(paths);
  std::unique_ptr<store::PullRequestStore> pull_requests =
      *store::open_sqlite_pull_request_store(paths);
  std::unique_ptr<store::SecretStore> secret_rows = *store::open_sqlite_secret_store(paths);
  store::SecretVault secrets{*secret_rows, {paths.secret_key(), secret::KeyPlace::Owner::us}};
  std::vector<std::string> told{};

  void keep_secret(const store::SecretId& id, const std::string& value) {
    if (const auto kept = secrets.set({.id = id, .set_at = clock.now()}, value); !kept)
      throw std::runtime_error(kept.error().to_string());
  }
};

}  // namespace pipeline::serve
