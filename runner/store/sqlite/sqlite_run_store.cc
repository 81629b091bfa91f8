#include "runner/store/sqlite/sqlite_run_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include <map>

#include "pipelines/run/event_json.h"
#include "runner/store/lease.h"
#include "runner/store/run_summary.h"
#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;
using run::Event;
using run::RunId;

// The runs that this object may write, and of each whether anything of it is stored yet.
using Held = std::map<RunId, bool>;

// Keeps a run among the held ones for as long as it lives. A number that was only reserved is given
// back: a directory without a row would look like a run that was lost.
class HeldLease final : public RunLease {
 public:
  HeldLease(std::unique_ptr<RunLease> file, std::shared_ptr<Held> held, RunId id,
            std::filesystem::path directory)
      : file_(std::move(file)), held_(std::move(held)), id_(id), directory_(std::move(directory)) {}
  ~HeldLease() override {
    const auto run = held_->find(id_);
    if (!run->second) remove_reserved(directory_);
    held_->erase(run);
  }
  HeldLease(const HeldLease&) = delete;
  HeldLease& operator=(const HeldLease&) = delete;

  static void remove_reserved(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::remove(directory / "lease", error);
    std::filesystem::remove(directory, error);
  }

 private:
  std::unique_ptr<RunLease> file_;
  std::shared_ptr<Held> held_;
  RunId id_;
  std::filesystem::path directory_;
};

class SqliteRunStore final : public RunStore {
 public:
  SqliteRunStore(Paths paths, Database database)
      : paths_(std::move(paths)), database_(std::move(database)) {}

  Result<NewRun> create() override;
  Result<std::unique_ptr<RunLease>> acquire(RunId id) override;
  Result<> append(RunId id, std::span<const Event> events) override;
  Result<std::vector<Event>> events(RunId id, std::uint64_t after) override;
  Result<std::vector<RunSummary>> list(const RunQuery& query) override;
  Result<std::optional<CachedResult>> find_cached(const base::Digest& key) override;
  Result<> save_cached(const base::Digest& key, const CachedResult& result) override;

 private:
  // A cached statement, ready to be bound; the same SQL must not be in use already.
  SQLite::Statement& statement(const char* sql);
  template <class... Values>
  void execute(const char* sql, const Values&... values);

  Result<std::unique_ptr<RunLease>> hold(RunId id, bool is_stored);
  Result<std::optional<std::uint64_t>> last_sequence(RunId id);
  Result<> append_in_transaction(RunId id, std::span<const Event> events);
  void write_summary(RunId id, const Event& event);
  void refresh_unheld(RunSummary& run);
  static RunSummary summary_of(SQLite::Statement& row);

  Paths paths_;
  Database database_;
  std::map<const char*, std::unique_ptr<SQLite::Statement>> statements_;  // by literal
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

template <class Value>
void bind_wish(SQLite::Statement& rows, int place, const std::optional<Value>& wish) {
  if (wish) rows.bind(place, *wish);
  if (!wish) rows.bind(place);
}

void bind_query(SQLite::Statement& rows, const RunQuery& query) {
  // Of a run that has not ended it is no column, but whether somebody drives it.
  const bool is_unfinished = query.status && !run::is_terminal(*query.status);
  std::optional<std::string> ended_as;
  if (query.status && !is_unfinished) ended_as.emplace(run::to_string(*query.status));
  std::optional<std::int64_t> before;
  if (query.before) before = number(*query.before);
  bind_wish(rows, 1, before);
  bind_wish(rows, 2, query.pipeline);
  bind_wish(rows, 3, query.repository);
  bind_wish(rows, 4, query.branch);
  bind_wish(rows, 5, ended_as);
  rows.bind(6, static_cast<int>(is_unfinished));
}

SQLite::Statement& SqliteRunStore::statement(const char* sql) {
  auto& cached = statements_[sql];
  if (!cached) cached = std::make_unique<SQLite::Statement>(database_.handle(), sql);
  cached->tryReset();
  return *cached;
}

template <class... Values>
void SqliteRunStore::execute(const char* sql, const Values&... values) {
  SQLite::Statement& prepared = statement(sql);
  SQLite::bind(prepared, values...);
  prepared.exec();
  prepared.reset();
}

Result<RunStore::NewRun> SqliteRunStore::create() {
  auto newest = database_.guarded("number a run", [&]() -> Result<std::int64_t> {
    return database_.handle().execAndGet("SELECT coalesce(max(id), 0) FROM runs").getInt64();
  });
  PIPELINE_ASSIGN(const std::int64_t last, std::move(newest));
  std::error_code error;
  std::filesystem::create_directories(paths_.runs(), error);
  // Making the directory is what reserves the number; a run that died before its first event leaves
  // a directory and no row.
  for (RunId id = static_cast<RunId>(last) + 1;; ++id) {
    if (std::filesystem::create_directory(paths_.run(id), error)) {
      auto lease = hold(id, false);
      if (lease) return NewRun{id, *std::move(lease)};
      HeldLease::remove_reserved(paths_.run(id));
      return base::fail(std::move(lease).error());
    }
    if (error) {
      return base::fail(
          base::Error::from_errno(error.value(), "make " + paths_.run(id).string())
              .hint("check the owner and the free space of " + paths_.root().string()));
    }
  }
}

Result<std::unique_ptr<RunLease>> SqliteRunStore::acquire(RunId id) {
  return hold(id, true);
}

Result<std::unique_ptr<RunLease>> SqliteRunStore::hold(RunId id, bool is_stored) {
  PIPELINE_ASSIGN(auto file, take_lease(paths_, id));
  held_->insert_or_assign(id, is_stored);
  return std::make_unique<HeldLease>(std::move(file), held_, id, paths_.run(id));
}

Result<std::optional<std::uint64_t>> SqliteRunStore::last_sequence(RunId id) {
  SQLite::Statement& query = statement("SELECT last_sequence FROM runs WHERE id = ?");
  query.bind(1, number(id));
  std::optional<std::uint64_t> last;
  if (query.executeStep()) last = static_cast<std::uint64_t>(query.getColumn(0).getInt64());
  query.reset();
  return last;
}

Result<> SqliteRunStore::append(RunId id, std::span<const Event> events) {
  const auto run = held_->find(id);
  if (run == held_->end()) return base::fail(not_driven_here(id));
  if (events.empty()) return {};
  const std::string attempt = "save run " + std::to_string(id);
  const bool ends = std::holds_alternative<run::RunFinished>(events.back().body);
  return database_.guarded(attempt, [&]() -> Result<> {
    // The contract: a finished run survives a power cut. This flushes everything before it, too.
    if (ends) database_.set_durability(Durability::power);
    auto appended = append_in_transaction(id, events);
    if (ends) database_.set_durability(Durability::process);
    run->second = run->second || appended;
    return appended;
  });
}

Result<> SqliteRunStore::append_in_transaction(RunId id, std::span<const Event> events) {
  SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
  PIPELINE_ASSIGN(const auto last, last_sequence(id));
  PIPELINE_TRY(check_sequence(id, last.value_or(0), events));
  for (const Event& event : events) {
    write_summary(id, event);
    execute("INSERT INTO events (run, sequence, body) VALUES (?, ?, ?)", number(id),
            number(event.sequence), run::to_json(event));
  }
  execute("UPDATE runs SET last_sequence = ? WHERE id = ?", number(events.back().sequence),
          number(id));
  transaction.commit();
  return {};
}

void SqliteRunStore::write_summary(RunId id, const Event& event) {
  RunSummary summary;
  update_summary(summary, event);
  const std::string status(run::to_string(summary.status));
  if (std::holds_alternative<run::RunCreated>(event.body)) {
    execute(
        "INSERT INTO runs (id, pipeline, repository, branch, commit_id, status, reason, created_at,"
        " detached, last_sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        number(id), summary.pipeline, summary.repository, summary.branch, summary.commit, status,
        summary.reason, micros(summary.created_at), static_cast<int>(summary.detached));
  } else if (std::holds_alternative<run::RunRetried>(event.body)) {
    execute(
        "UPDATE runs SET status = ?, reason = '', finished_at = NULL, detached = detached OR ?"
        " WHERE id = ?",
        status, static_cast<int>(summary.detached), number(id));
  } else if (std::holds_alternative<run::RunWaiting>(event.body) || ends_wait(event)) {
    execute("UPDATE runs SET reason = ?1 WHERE id = ?2 AND reason <> ?1", summary.reason,
            number(id));
  } else if (std::holds_alternative<run::RunFinished>(event.body)) {
    execute("UPDATE runs SET status = ?, reason = ?, finished_at = ? WHERE id = ?", status,
            summary.reason, micros(event.at), number(id));
  }
}

Result<std::vector<Event>> SqliteRunStore::events(RunId id, std::uint64_t after) {
  const std::string attempt = "read run " + std::to_string(id);
  return database_.guarded(attempt, [&]() -> Result<std::vector<Event>> {
    PIPELINE_ASSIGN(const auto last, last_sequence(id));
    if (!last) return base::fail(unknown_run(id));
    SQLite::Statement& query =
        statement("SELECT body FROM events WHERE run = ? AND sequence > ? ORDER BY sequence");
    SQLite::bind(query, number(id), number(after));
    std::vector<Event> events;
    while (query.executeStep()) {
      auto event = run::event_from_json(query.getColumn(0).getString());
      if (!event) return base::during(std::move(event), attempt);
      events.push_back(*std::move(event));
    }
    query.reset();
    return events;
  });
}

RunSummary SqliteRunStore::summary_of(SQLite::Statement& row) {
  RunSummary summary;
  summary.id = static_cast<RunId>(row.getColumn(0).getInt64());
  summary.pipeline = row.getColumn(1).getString();
  summary.repository = row.getColumn(2).getString();
  summary.branch = row.getColumn(3).getString();
  summary.commit = row.getColumn(4).getString();
  summary.status =
      run::run_status_from(row.getColumn(5).getString()).value_or(run::RunStatus::errored);
  summary.reason = row.getColumn(6).getString();
  summary.created_at = time_of(row.getColumn(7).getInt64());
  if (!row.isColumnNull(8)) summary.finished_at = time_of(row.getColumn(8).getInt64());
  summary.detached = row.getColumn(9).getInt() != 0;
  return summary;
}

// Its driver may have finished it, and only then let go of the lease, since the row was read.
void SqliteRunStore::refresh_unheld(RunSummary& run) {
  SQLite::Statement& query = statement(
      "SELECT id, pipeline, repository, branch, commit_id, status, reason, created_at,"
      " finished_at, detached FROM runs WHERE id = ?");
  query.bind(1, number(run.id));
  if (query.executeStep()) run = summary_of(query);
  query.reset();
  if (!run::is_terminal(run.status)) mark_interrupted(run);
}

Result<std::vector<RunSummary>> SqliteRunStore::list(const RunQuery& query) {
  return database_.guarded("list the runs", [&]() -> Result<std::vector<RunSummary>> {
    SQLite::Statement& rows = statement(
        "SELECT id, pipeline, repository, branch, commit_id, status, reason, created_at,"
        " finished_at, detached FROM runs WHERE (?1 IS NULL OR id < ?1)"
        " AND (?2 IS NULL OR pipeline = ?2) AND (?3 IS NULL OR repository = ?3)"
        " AND (?4 IS NULL OR branch = ?4) AND (?5 IS NULL OR status = ?5)"
        " AND (?6 = 0 OR finished_at IS NULL) ORDER BY id DESC");
    bind_query(rows, query);
    std::vector<RunSummary> runs;
    while (runs.size() < query.limit && rows.executeStep()) {
      RunSummary run = summary_of(rows);
      if (!run::is_terminal(run.status) && !lease_holder(paths_, run.id)) refresh_unheld(run);
      if (fits(run, query)) runs.push_back(std::move(run));
    }
    rows.reset();
    return runs;
  });
}

// Results are kept as the JobCached event that a later run will record: one form for both.
Result<std::optional<CachedResult>> SqliteRunStore::find_cached(const base::Digest& key) {
  return database_.guarded("look up a result", [&]() -> Result<std::optional<CachedResult>> {
    SQLite::Statement& query = statement("SELECT event FROM results WHERE key = ?");
    const std::string bytes = bytes_of(key);
    query.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    std::optional<std::string> text;
    if (query.executeStep()) text = query.getColumn(0).getString();
    query.reset();
    if (!text) return std::nullopt;
    PIPELINE_ASSIGN(const Event event, run::event_from_json(*text));
    const auto* cached = std::get_if<run::JobCached>(&event.body);
    if (cached == nullptr) return base::fail(ErrorKind::corrupt, "a stored result is none");
    return CachedResult{cached->from_run, cached->outputs,  cached->artifacts,
                        cached->tests,    cached->from_job, cached->from_attempt};
  });
}

Result<> SqliteRunStore::save_cached(const base::Digest& key, const CachedResult& result) {
  return database_.guarded("save a result", [&]() -> Result<> {
    const Event event{0, base::TimePoint{},
                      run::JobCached{"", result.outputs, result.artifacts, result.from_run,
                                     result.tests, result.from_job, result.from_attempt}};
    SQLite::Statement& insert =
        statement("INSERT OR REPLACE INTO results (key, event) VALUES (?, ?)");
    const std::string bytes = bytes_of(key);
    insert.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    insert.bind(2, run::to_json(event));
    insert.exec();
    insert.reset();
    return {};
  });
}

}  // namespace

Result<std::unique_ptr<RunStore>> open_sqlite_run_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::process));
  return std::make_unique<SqliteRunStore>(paths, std::move(database));
}

}  // namespace pipeline::store
