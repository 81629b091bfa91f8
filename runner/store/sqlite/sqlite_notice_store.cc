#include "runner/store/sqlite/sqlite_notice_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

// In the order in which notice_of() reads them.
constexpr const char* kSelect =
    "SELECT number, id, run, sequence, repository, channel, receiver, detail, topic, summary, body,"
    " made_at, state, tries, at, trouble FROM notices";
constexpr int kBody = 10;

std::string select(std::string_view which) {
  return std::string(kSelect).append(which);
}

std::string word(NoticeState state) {
  return std::string(to_string(state));
}

Notice notice_of(SQLite::Statement& row) {
  const auto text = [&row](int column) { return row.getColumn(column).getString(); };
  const auto count = [&row](int column) {
    return static_cast<std::uint64_t>(row.getColumn(column).getInt64());
  };
  return {.number = count(0),
          .id = text(1),
          .run = count(2),
          .sequence = count(3),
          .repository = text(4),
          .channel = channel_of(text(5)).value_or(Channel::webhook),
          .receiver = text(6),
          .detail = text(7),
          .topic = text(8),
          .summary = text(9),
          .body = text(kBody),
          .made_at = time_of(row.getColumn(11).getInt64()),
          .state = notice_state_of(text(12)).value_or(NoticeState::failed),
          .tries = static_cast<std::uint32_t>(count(13)),
          .at = time_of(row.getColumn(14).getInt64()),
          .trouble = text(15)};
}

std::vector<Notice> all_of(SQLite::Statement& query) {
  std::vector<Notice> notices;
  while (query.executeStep()) notices.push_back(notice_of(query));
  return notices;
}

class SqliteNoticeStore final : public NoticeStore {
 public:
  explicit SqliteNoticeStore(Database database) : database_(std::move(database)) {}

  Result<std::vector<run::RunId>> untold() override {
    return database_.guarded("find what is not told yet", [&]() -> Result<std::vector<run::RunId>> {
      SQLite::Statement query(database_.handle(),
                              "SELECT id FROM runs WHERE told < last_sequence ORDER BY id");
      std::vector<run::RunId> runs;
      while (query.executeStep())
        runs.push_back(static_cast<run::RunId>(query.getColumn(0).getInt64()));
      return runs;
    });
  }

  Result<std::uint64_t> told(run::RunId run) override {
    return database_.guarded("find what is told", [&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_.handle(), "SELECT told FROM runs WHERE id = ?");
      query.bind(1, number(run));
      return query.executeStep() ? static_cast<std::uint64_t>(query.getColumn(0).getInt64()) : 0;
    });
  }

  Result<> add(run::RunId run, std::uint64_t through, std::span<const Notice> notices) override {
    return database_.guarded("save what is to be told", [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      for (const Notice& notice : notices) {
        if (!notice.topic.empty()) forget_older(notice);
        insert(run, notice);
      }
      SQLite::Statement note(database_.handle(),
                             "UPDATE runs SET told = max(told, ?) WHERE id = ?");
      SQLite::bind(note, number(through), number(run));
      note.exec();
      transaction.commit();
      return {};
    });
  }

  Result<std::vector<Notice>> next(std::size_t most) override {
    return database_.guarded("find what is to be told", [&]() -> Result<std::vector<Notice>> {
      SQLite::Statement query(database_.handle(),
                              select(" WHERE state = 'waiting' ORDER BY at, number LIMIT ?"));
      query.bind(1, number(most));
      return all_of(query);
    });
  }

  Result<> settle(const Notice& notice) override {
    return database_.guarded("save what became of a notice", [&]() -> Result<> {
      SQLite::Statement update(database_.handle(),
                               "UPDATE notices SET state = ?1, tries = ?2, at = ?3, trouble = ?4,"
                               " body = CASE WHEN ?1 = 'sent' THEN '' ELSE body END"
                               " WHERE number = ?5");
      SQLite::bind(update, word(notice.state), static_cast<std::int64_t>(notice.tries),
                   micros(notice.at), notice.trouble, number(notice.number));
      update.exec();
      return {};
    });
  }

  Result<std::vector<Notice>> list(const NoticeQuery& query) override {
    return database_.guarded("list the notices", [&]() -> Result<std::vector<Notice>> {
      SQLite::Statement rows(
          database_.handle(),
          select(" WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR number < ?2)"
                 " ORDER BY number DESC LIMIT ?3"));
      if (query.state) rows.bind(1, word(*query.state));
      if (query.before) rows.bind(2, number(*query.before));
      rows.bind(3, number(query.limit));
      std::vector<Notice> notices = all_of(rows);
      for (Notice& notice : notices) notice.body.clear();
      return notices;
    });
  }

  Result<std::map<NoticeState, std::uint64_t>> counts() override {
    using Counts = std::map<NoticeState, std::uint64_t>;
    return database_.guarded("count the notices", [&]() -> Result<Counts> {
      Counts counts{{NoticeState::waiting, 0}, {NoticeState::sent, 0}, {NoticeState::failed, 0}};
      SQLite::Statement rows(database_.handle(),
                             "SELECT state, count(*) FROM notices GROUP BY state");
      while (rows.executeStep())
        if (const auto state = notice_state_of(rows.getColumn(0).getString()))
          counts[*state] = static_cast<std::uint64_t>(rows.getColumn(1).getInt64());
      return counts;
    });
  }

  Result<> forget_before(base::TimePoint at) override {
    return database_.guarded("forget old notices", [&]() -> Result<> {
      SQLite::Statement remove(database_.handle(),
                               "DELETE FROM notices WHERE state <> 'waiting' AND at < ?");
      remove.bind(1, micros(at));
      remove.exec();
      return {};
    });
  }

 private:
  void forget_older(const Notice& notice) {
    SQLite::Statement remove(database_.handle(),
                             "DELETE FROM notices WHERE state = 'waiting' AND channel = ?"
                             " AND receiver = ? AND topic = ? AND (run, sequence) < (?, ?)");
    SQLite::bind(remove, std::string(to_string(notice.channel)), notice.receiver, notice.topic,
                 number(notice.run), number(notice.sequence));
    remove.exec();
  }

  void insert(run::RunId run, const Notice& notice) {
    SQLite::Statement insert(
        database_.handle(),
        "INSERT INTO notices (id, run, sequence, repository, channel, receiver, detail, topic,"
        " summary, body, made_at, state, tries, at, trouble)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    SQLite::bind(insert, notice.id, number(run), number(notice.sequence), notice.repository,
                 std::string(to_string(notice.channel)), notice.receiver, notice.detail,
                 notice.topic, notice.summary, notice.body, micros(notice.made_at),
                 word(notice.state), static_cast<std::int64_t>(notice.tries), micros(notice.at),
                 notice.trouble);
    insert.exec();
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<NoticeStore>> open_sqlite_notice_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteNoticeStore>(std::move(database));
}

}  // namespace pipeline::store
