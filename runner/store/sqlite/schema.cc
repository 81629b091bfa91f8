#include "runner/store/sqlite/schema.h"

#include <array>

namespace pipeline::store {

namespace {

// `runs` is a summary that append() keeps beside the events, so that a list reads no event. Events
// are the truth: one JSON line each, as event_json.h writes them. Times are microseconds since
// 1970.
constexpr const char* kRuns = R"(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL,
  repository TEXT NOT NULL,
  branch TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  last_sequence INTEGER NOT NULL
);
CREATE TABLE events (
  run INTEGER NOT NULL REFERENCES runs(id),
  sequence INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, sequence)
) WITHOUT ROWID;
CREATE TABLE results (
  key BLOB PRIMARY KEY,
  event TEXT NOT NULL
) WITHOUT ROWID;
)";

// The deployment journal: one JSON line an entry, as journal_json.h writes them. `fence` is the
// number that the environment's latest holder drew; entries under an older one are refused.
constexpr const char* kJournal = R"(
CREATE TABLE environments (
  pipeline TEXT NOT NULL,
  environment TEXT NOT NULL,
  fence INTEGER NOT NULL,
  PRIMARY KEY (pipeline, environment)
) WITHOUT ROWID;
CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pipeline TEXT NOT NULL,
  environment TEXT NOT NULL,
  fence INTEGER NOT NULL,
  checkpoint INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX journal_of ON journal (pipeline, environment, checkpoint, id);
)";

// Secrets, sealed (stages/secret/crypto/sealed.h). `repository` is empty for one of all
// repositories.
constexpr const char* kSecrets = R"(
CREATE TABLE secrets (
  repository TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (repository, name)
) WITHOUT ROWID;
)";

// Results of tests by run; see test_history.h. Durations are milliseconds.
constexpr const char* kTests = R"(
CREATE TABLE tested_jobs (
  id INTEGER PRIMARY KEY,
  repository TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  job TEXT NOT NULL,
  UNIQUE (repository, pipeline, job)
);
CREATE TABLE tests (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES tested_jobs(id),
  name TEXT NOT NULL,
  UNIQUE (job, name)
);
CREATE TABLE test_results (
  test INTEGER NOT NULL REFERENCES tests(id),
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  flaky INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  tree TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (test, run, attempt, status)
) WITHOUT ROWID;
)";

constexpr const char* kDetached = R"(
ALTER TABLE runs ADD COLUMN detached INTEGER NOT NULL DEFAULT 0;
)";

// What a server knows beside its runs. A token is found by its SHA-256; `scopes` are words with
// spaces between them. A repository without a url is hosted by the server itself.
constexpr const char* kServer = R"(
CREATE TABLE tokens (
  name TEXT PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) WITHOUT ROWID;
CREATE TABLE repositories (
  name TEXT PRIMARY KEY,
  url TEXT,
  added_at INTEGER NOT NULL
) WITHOUT ROWID;
)";

constexpr std::array kSteps = {kRuns, kJournal, kSecrets, kTests, kDetached, kServer};

}  // namespace

std::span<const char* const> schema_steps() {
  return kSteps;
}

}  // namespace pipeline::store
