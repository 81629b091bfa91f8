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

// How far each schedule has come; see firing_store.h.
constexpr const char* kFirings = R"(
CREATE TABLE firings (
  repository TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  schedule TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (repository, pipeline, schedule)
) WITHOUT ROWID;
)";

// What forges tell of repositories that are elsewhere. `forge` is a word of runner/forge/forge.h,
// `poll_ms` none when nobody looks by himself. A delivery is kept for as long as it may come again;
// `seen` is the head of a pull request whose runs have begun, empty before the first.
constexpr const char* kForges = R"(
ALTER TABLE repositories ADD COLUMN forge TEXT;
ALTER TABLE repositories ADD COLUMN poll_ms INTEGER;
ALTER TABLE repositories ADD COLUMN runs_forks INTEGER NOT NULL DEFAULT 0;
CREATE TABLE deliveries (
  repository TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (repository, id)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_age ON deliveries (at);
CREATE TABLE pull_requests (
  repository TEXT NOT NULL,
  number INTEGER NOT NULL,
  target TEXT NOT NULL,
  from_fork INTEGER NOT NULL,
  open INTEGER NOT NULL,
  seen TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (repository, number)
) WITHOUT ROWID;
)";

// See audit_store.h. Whoever has the database still has to take the triggers away to change it.
constexpr const char* kAudit = R"(
CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  peer TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  status INTEGER NOT NULL
);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
)";

// See toggle_store.h. What a flag is set to is its newest change; a value of NULL gives it back to
// the file.
constexpr const char* kToggles = R"(
CREATE TABLE toggle_changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  pipeline TEXT NOT NULL,
  environment TEXT NOT NULL,
  flag TEXT NOT NULL,
  value TEXT,
  who TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX toggle_changes_of ON toggle_changes (pipeline, environment, flag, number);
CREATE TABLE flag_files (
  pipeline TEXT NOT NULL,
  environment TEXT NOT NULL,
  release INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (pipeline, environment)
) WITHOUT ROWID;
)";

// The outbox; see notice_store.h. Runs that are there already were told of by nobody, and are old
// news: nobody is told of them now. `merges` are the commits that forges have made of pull requests
// to be built, by whom they are reported on. `api_url` is where a forge is called.
constexpr const char* kNotices = R"(
ALTER TABLE runs ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET told = last_sequence;
CREATE TABLE notices (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  run INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  repository TEXT NOT NULL,
  channel TEXT NOT NULL,
  receiver TEXT NOT NULL,
  detail TEXT NOT NULL,
  topic TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  at INTEGER NOT NULL,
  trouble TEXT NOT NULL,
  UNIQUE (run, sequence, channel, receiver, detail)
);
CREATE INDEX notices_by_turn ON notices (state, at, number);
CREATE TABLE merges (
  repository TEXT NOT NULL,
  merge_id TEXT NOT NULL,
  head TEXT NOT NULL,
  PRIMARY KEY (repository, merge_id)
) WITHOUT ROWID;
ALTER TABLE repositories ADD COLUMN api_url TEXT;
ALTER TABLE repositories ADD COLUMN public_status INTEGER NOT NULL DEFAULT 0;
)";

// Who may use a server. An identity provider's issuer and subject are there together or not at all;
// a role is of a user or of a group. What is of somebody goes with him. A token without a user is a
// service's own.
constexpr const char* kPeople = R"(
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  added_at INTEGER NOT NULL,
  issuer TEXT,
  subject TEXT,
  CHECK ((issuer IS NULL) = (subject IS NULL)),
  UNIQUE (issuer, subject)
) WITHOUT ROWID;
CREATE TABLE user_groups (
  name TEXT PRIMARY KEY,
  added_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (
  user_group TEXT NOT NULL REFERENCES user_groups(name) ON DELETE CASCADE,
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  by_login INTEGER NOT NULL,
  PRIMARY KEY (user, user_group, by_login)
) WITHOUT ROWID;
CREATE TABLE roles (
  user TEXT REFERENCES users(name) ON DELETE CASCADE,
  user_group TEXT REFERENCES user_groups(name) ON DELETE CASCADE,
  repository TEXT NOT NULL,
  environment TEXT NOT NULL,
  role TEXT NOT NULL,
  granted_at INTEGER NOT NULL,
  CHECK ((user IS NULL) <> (user_group IS NULL))
);
CREATE UNIQUE INDEX one_role_a_place
  ON roles (ifnull(user, ''), ifnull(user_group, ''), repository, environment);
ALTER TABLE tokens ADD COLUMN user TEXT REFERENCES users(name) ON DELETE CASCADE;
ALTER TABLE tokens ADD COLUMN is_session INTEGER NOT NULL DEFAULT 0;
)";

// Commits of pull requests from forks that wait for somebody's word, and that have it; empty: none.
constexpr const char* kVouched = R"(
ALTER TABLE pull_requests ADD COLUMN waiting TEXT NOT NULL DEFAULT '';
ALTER TABLE pull_requests ADD COLUMN approved TEXT NOT NULL DEFAULT '';
)";

// Whether somebody has looked what the success of a run starts: of what was there before, nobody
// ever will.
constexpr const char* kFollowed = R"(
ALTER TABLE runs ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET followed = 1;
CREATE INDEX runs_not_followed ON runs (id) WHERE followed = 0 AND status = 'succeeded';
)";

// See environment_store.h. `repository` is a name of the table of repositories, `text` is TOML.
constexpr const char* kDefined = R"(
CREATE TABLE defined_environments (
  repository TEXT NOT NULL,
  environment TEXT NOT NULL,
  text TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (repository, environment)
) WITHOUT ROWID;
)";

// See protection_store.h. `branches` is a pattern, `role` a word of pipelines/access/role.h.
constexpr const char* kProtections = R"(
CREATE TABLE protections (
  repository TEXT NOT NULL,
  branches TEXT NOT NULL,
  waits_for_pipeline INTEGER NOT NULL,
  allows_force INTEGER NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (repository, branches)
) WITHOUT ROWID;
CREATE TABLE waiting_pushes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  repository TEXT NOT NULL,
  branch TEXT NOT NULL,
  before_id TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  who TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (repository, branch, commit_id)
);
)";

// Labels with spaces between; NULL: any.
constexpr const char* kLabels = R"(
ALTER TABLE tokens ADD COLUMN labels TEXT;
)";

constexpr std::array kSteps = {kRuns,    kJournal,  kSecrets, kTests,       kDetached, kServer,
                               kFirings, kForges,   kAudit,   kToggles,     kNotices,  kPeople,
                               kVouched, kFollowed, kDefined, kProtections, kLabels};

}  // namespace

std::span<const char* const> schema_steps() {
  return kSteps;
}

}  // namespace pipeline::store
