#include "runner/store/sqlite/sqlite_test_history.h"

#include <SQLiteCpp/VariadicBind.h>

#include "pipelines/report/quarantine.h"
#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

// Writes one attempt's tests inside of a transaction.
class Recorder {
 public:
  Recorder(SQLite::Database& database, const TestedJob& job) : database_(database), job_(job) {
    SQLite::Statement known(
        database,
        "INSERT INTO tested_jobs (repository, pipeline, job) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
        " SET job = excluded.job RETURNING id");
    SQLite::bind(known, job.repository, job.pipeline, job.job);
    known.executeStep();
    job_id_ = known.getColumn(0).getInt64();
    known.executeStep();
    forget_this_attempt();
  }

  void add(const report::TestCase& test) {
    name_.reset();
    SQLite::bind(name_, job_id_, report::full_name(test));
    name_.executeStep();
    const std::int64_t id = name_.getColumn(0).getInt64();
    name_.executeStep();
    insert_.reset();
    SQLite::bind(insert_, id, number(job_.run), job_.attempt,
                 std::string(report::to_string(test.status)), test.flaky ? 1 : 0,
                 static_cast<std::int64_t>(test.duration.count()), job_.tree,
                 static_cast<std::int64_t>(job_.at.time_since_epoch().count()));
    insert_.exec();
    prune_.reset();
    SQLite::bind(prune_, id, id, number(kKeptResults));
    prune_.exec();
  }

 private:
  void forget_this_attempt() {
    SQLite::Statement forget(database_,
                             "DELETE FROM test_results WHERE run = ?1 AND attempt = ?2 AND test IN"
                             " (SELECT id FROM tests WHERE job = ?3)");
    SQLite::bind(forget, number(job_.run), job_.attempt, job_id_);
    forget.exec();
  }

  SQLite::Database& database_;
  const TestedJob& job_;
  std::int64_t job_id_ = 0;
  SQLite::Statement name_{database_,
                          "INSERT INTO tests (job, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET"
                          " name = excluded.name RETURNING id"};
  // Of several tests of one name in one report, each status is kept once.
  SQLite::Statement insert_{
      database_,
      "INSERT OR REPLACE INTO test_results (test, run, attempt, status, flaky, ms, tree, at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement prune_{
      database_,
      "DELETE FROM test_results WHERE test = ? AND run < (SELECT run FROM test_results"
      " WHERE test = ? ORDER BY run DESC LIMIT 1 OFFSET ?)"};
};

class SqliteTestHistory final : public TestHistory {
 public:
  explicit SqliteTestHistory(Database database) : database_(std::move(database)) {}

  Result<> record(const TestedJob& job, const report::TestReport& report) override {
    return database_.guarded("keep the tests' results", [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      Recorder recorder(database_.handle(), job);
      for (const report::TestCase& test : report.tests) recorder.add(test);
      transaction.commit();
      return {};
    });
  }

  Result<std::vector<PastResult>> results(const std::string& repository,
                                          const std::string& pipeline, const std::string& pattern,
                                          std::size_t limit) override {
    return database_.guarded("look up a test", [&]() -> Result<std::vector<PastResult>> {
      std::vector<PastResult> results;
      SQLite::Statement query(
          database_.handle(),
          "SELECT tested_jobs.job, tests.name, run, attempt, tree, at, status, flaky, ms"
          " FROM tested_jobs JOIN tests ON tests.job = tested_jobs.id"
          " JOIN test_results ON test_results.test = tests.id"
          " WHERE repository = ? AND pipeline = ?"
          " ORDER BY run DESC, attempt DESC, tested_jobs.job, tests.name, status");
      SQLite::bind(query, repository, pipeline);
      while (results.size() < limit && query.executeStep()) {
        if (!report::matches_name(pattern, query.getColumn(1).getString())) continue;
        results.push_back(result_of(query));
      }
      return results;
    });
  }

  Result<std::vector<TestedAttempt>> latest(const std::string& repository,
                                            const std::string& pipeline) override {
    return database_.guarded(
        "look up the newest tests", [&]() -> Result<std::vector<TestedAttempt>> {
          std::vector<TestedAttempt> attempts;
          // max() decides which row's run and attempt are taken, as SQLite documents for bare
          // columns.
          SQLite::Statement query(
              database_.handle(),
              "SELECT tested_jobs.job, run, attempt, max(run * 1000000 + attempt) AS latest"
              " FROM tested_jobs JOIN tests ON tests.job = tested_jobs.id"
              " JOIN test_results ON test_results.test = tests.id"
              " WHERE repository = ? AND pipeline = ?"
              " GROUP BY tested_jobs.id ORDER BY latest, tested_jobs.job");
          SQLite::bind(query, repository, pipeline);
          while (query.executeStep()) {
            attempts.push_back({query.getColumn(0).getString(),
                                static_cast<run::RunId>(query.getColumn(1).getInt64()),
                                static_cast<std::uint32_t>(query.getColumn(2).getInt64())});
          }
          return attempts;
        });
  }

  Result<std::vector<FlakyTest>> flaky(const std::string& repository,
                                       const std::string& pipeline) override {
    return database_.guarded("look for flaky tests", [&]() -> Result<std::vector<FlakyTest>> {
      std::vector<FlakyTest> tests;
      // max(run) decides which row's tree is taken, as SQLite documents for bare columns.
      SQLite::Statement query(
          database_.handle(),
          "SELECT job, name, tree, passed, failed, max(latest) FROM ("
          " SELECT tested_jobs.job AS job, tests.id AS id, tests.name AS name, tree,"
          "  sum(status = 'passed') AS passed, sum(status IN ('failed', 'errored')) AS failed,"
          "  max(run) AS latest"
          " FROM tested_jobs JOIN tests ON tests.job = tested_jobs.id"
          " JOIN test_results ON test_results.test = tests.id"
          " WHERE repository = ? AND pipeline = ? AND tree <> ''"
          " GROUP BY tests.id, tree HAVING passed > 0 AND failed > 0)"
          " GROUP BY id ORDER BY job, name");
      SQLite::bind(query, repository, pipeline);
      while (query.executeStep()) {
        tests.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(),
                         query.getColumn(2).getString(),
                         static_cast<std::uint64_t>(query.getColumn(3).getInt64()),
                         static_cast<std::uint64_t>(query.getColumn(4).getInt64())});
      }
      return tests;
    });
  }

 private:
  static PastResult result_of(SQLite::Statement& row) {
    PastResult result;
    result.job = row.getColumn(0).getString();
    result.test = row.getColumn(1).getString();
    result.run = static_cast<run::RunId>(row.getColumn(2).getInt64());
    result.attempt = static_cast<std::uint32_t>(row.getColumn(3).getInt64());
    result.tree = row.getColumn(4).getString();
    result.at = time_of(row.getColumn(5).getInt64());
    result.status = report::test_status_from(row.getColumn(6).getString())
                        .value_or(report::TestStatus::errored);
    result.flaky = row.getColumn(7).getInt() != 0;
    result.duration = base::Duration(row.getColumn(8).getInt64());
    return result;
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<TestHistory>> open_sqlite_test_history(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::process));
  return std::make_unique<SqliteTestHistory>(std::move(database));
}

}  // namespace pipeline::store
