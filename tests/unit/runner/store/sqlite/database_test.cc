#include "runner/store/sqlite/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <latch>
#include <thread>

#include "runner/store/sqlite/schema.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using base::ErrorKind;

class DatabaseFile : public testing::Test {
 protected:
  base::Result<Database> open() { return Database::open(paths_, Durability::process); }
  void write(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }
  std::string name() const { return file_.string(); }

  support::TemporaryDirectory directory_;
  Paths paths_{directory_.path()};
  std::filesystem::path file_ = paths_.database();
};

TEST_F(DatabaseFile, IsMadeWithTheNewestSchemaInWalMode) {
  auto database = open();
  ASSERT_TRUE(database) << database.error().to_string();
  EXPECT_EQ(database->handle().execAndGet("PRAGMA user_version").getInt(),
            static_cast<int>(schema_steps().size()));
  EXPECT_EQ(database->handle().execAndGet("PRAGMA journal_mode").getString(), "wal");
  EXPECT_EQ(database->handle().execAndGet("PRAGMA synchronous").getInt(), 1) << "NORMAL";
  database->set_durability(Durability::power);
  EXPECT_EQ(database->handle().execAndGet("PRAGMA synchronous").getInt(), 2) << "FULL";
  EXPECT_TRUE(open()) << "opening it again, also at the same time, is fine";
}

TEST_F(DatabaseFile, ANewerSchemaIsRefusedAndLeftAlone) {
  open()->handle().exec("PRAGMA user_version = 4711");
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(refused.error().to_string(),
            "failed to open the store: " + name() +
                ": it was written by a newer version of pipeline (schema 4711, this one knows " +
                std::to_string(schema_steps().size()) + ")");
  EXPECT_TRUE(refused.error().hint());
}

TEST_F(DatabaseFile, WhatIsNoDatabaseIsDamagedWithANextStep) {
  write(std::string(8192, 'x'));
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(refused.error().to_string(),
            "failed to open the store: " + name() + ": it is damaged (file is not a database)");
  EXPECT_EQ(refused.error().hint(),
            "restore it, or move it away and start afresh: mv " + name() + " " + name() +
                ".damaged; logs and artifacts beside it stay, but environments/ "
                "belongs to it: stop what runs there and move it away, too");
}

TEST_F(DatabaseFile, AnEmptiedOneBesideRunsIsDamaged) {
  std::filesystem::create_directories(paths_.run(1));
  for (const auto* how : {"truncated", "made anew by SQLite"}) {
    std::filesystem::remove(file_);
    write("");
    if (how != std::string("truncated")) {
      SQLite::Database(file_, SQLite::OPEN_READWRITE).exec("CREATE TABLE t (a); DROP TABLE t");
    }
    const auto refused = open();
    ASSERT_FALSE(refused) << how;
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(refused.error().to_string(),
              "failed to open the store: " + name() +
                  ": it is damaged (it is empty, but there are runs beside it)");
    EXPECT_TRUE(refused.error().hint());
  }
  std::filesystem::remove(file_);
  EXPECT_TRUE(open()) << "the next step that was named";
}

TEST_F(DatabaseFile, AnEmptyOneWithoutRunsIsANewOne) {
  write("");
  EXPECT_TRUE(open());
}

// Each process in turn waits for a byte, so that all are off at once.
TEST_F(DatabaseFile, ManyProcessesOpenANewOneAtOnce) {
  constexpr int kProcesses = 12;
  for (int round = 0; round < 10; ++round) {
    const Paths paths(directory_.path() / std::to_string(round));
    std::filesystem::create_directories(paths.root());
    int gate[2];
    ASSERT_EQ(::pipe(gate), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        char byte = 0;
        if (::read(gate[0], &byte, 1) != 1) ::_exit(2);
        ::_exit(Database::open(paths, Durability::process) ? 0 : 1);
      }
      children.push_back(child);
    }
    const std::string go(kProcesses, 'g');
    ASSERT_EQ(::write(gate[1], go.data(), go.size()), ssize_t{kProcesses});
    for (const pid_t child : children) {
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "round " << round;
    }
    ::close(gate[0]);
    ::close(gate[1]);
  }
}

// As many objects of one process: the run store and the journal of several threads.
TEST_F(DatabaseFile, ManyThreadsOpenANewOneAtOnce) {
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    std::latch all(8);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        all.arrive_and_wait();
        if (open()) ++opened;
      });
    }
  }
  EXPECT_EQ(opened, 8);
}

TEST_F(DatabaseFile, DamagedPagesAreFoundWhenTheyAreRead) {
  {
    auto store = open_sqlite_run_store(Paths(directory_.path()));
    auto run = (*store)->create();
    ASSERT_TRUE((*store)->append(run->id, std::vector<run::Event>{{1, {}, run::RunCreated{}}}));
  }
  // Else the pages are read from the write-ahead log, which a closed store leaves standing.
  SQLite::Database(file_, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream stream(file_, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(4096);
  stream << std::string(16384, '\xff');
  stream.close();
  auto store = open_sqlite_run_store(Paths(directory_.path()));
  const auto read = store ? (*store)->events(1).map([](const auto&) { return 0; })
                          : base::Result<int>(tl::unexpected(store.error()));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), ErrorKind::corrupt) << read.error().to_string();
}

TEST_F(DatabaseFile, ADirectoryThatCannotBeWrittenIsAPermissionProblem) {
  const auto refused = Database::open(Paths(directory_.path() / "missing"), Durability::process);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission) << refused.error().to_string();
  EXPECT_TRUE(refused.error().hint());
}

// A full disk, played by a limit on the size of files in a child process.
TEST_F(DatabaseFile, AFullDiskIsSaidAndLeavesTheStoreReadable) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_sqlite_run_store(Paths(directory_.path()));
    if (!store) ::_exit(10);
    auto run = (*store)->create();
    if (!run || !(*store)->append(run->id, std::vector<run::Event>{{1, {}, run::RunCreated{}}})) {
      ::_exit(11);
    }
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{std::size_t{128} << 10U, std::size_t{128} << 10U};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (std::uint64_t sequence = 2; sequence < 1000; ++sequence) {
      const auto appended = (*store)->append(
          run->id,
          std::vector<run::Event>{{sequence, {}, run::JobSkipped{"a", std::string(4000, 'x')}}});
      if (appended) continue;
      const bool said = appended.error().kind() == ErrorKind::exhausted ||
                        appended.error().kind() == ErrorKind::io;
      ::_exit(said && appended.error().hint() ? 0 : 12);
    }
    ::_exit(13);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  auto store = open_sqlite_run_store(Paths(directory_.path()));
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_TRUE((*store)->events(1));
}

TEST_F(DatabaseFile, ARunThatNothingWasStoredOfLeavesNothingBehind) {
  auto store = open_sqlite_run_store(paths_);
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->create());
  EXPECT_FALSE(std::filesystem::exists(paths_.run(1)));
  {
    const auto run = (*store)->create();
    ASSERT_TRUE((*store)->append(run->id, std::vector<run::Event>{{1, {}, run::RunCreated{}}}));
  }
  EXPECT_TRUE(std::filesystem::exists(paths_.run(1)));
  EXPECT_TRUE((*store)->acquire(1));
  EXPECT_TRUE(std::filesystem::exists(paths_.run(1))) << "taken over and let go again";
}

// kill -9 in the middle of writing: what append() answered is there, and nothing by halves.
TEST_F(DatabaseFile, SurvivesTheDeathOfItsWriter) {
  int acknowledged[2];
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_sqlite_run_store(Paths(directory_.path()));
    auto run = (*store)->create();
    std::uint64_t sequence = 0;
    for (;;) {
      std::vector<run::Event> batch;
      for (int i = 0; i < 3; ++i) {
        const bool first = sequence == 0;
        run::EventBody body = run::JobSkipped{"a", "b"};
        if (first) body = run::RunCreated{};
        batch.push_back({++sequence, {}, std::move(body)});
      }
      if (!(*store)->append(run->id, batch)) ::_exit(1);
      if (::write(acknowledged[1], &sequence, sizeof sequence) != sizeof sequence) ::_exit(2);
    }
  }
  std::uint64_t last = 0;
  while (last < 60) ASSERT_EQ(::read(acknowledged[0], &last, sizeof last), ssize_t{sizeof last});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(acknowledged[1]);
  while (::read(acknowledged[0], &last, sizeof last) > 0) {
  }
  ::close(acknowledged[0]);
  auto store = open_sqlite_run_store(Paths(directory_.path()));
  ASSERT_TRUE(store);
  const auto events = (*store)->events(1);
  ASSERT_TRUE(events);
  EXPECT_GE(events->size(), last);
  EXPECT_EQ(events->size() % 3, 0U) << "a batch is all or none";
  EXPECT_EQ((*store)->list({.limit = 1})->front().status, run::RunStatus::interrupted);
}

TEST_F(DatabaseFile, GuardedTurnsExceptionsIntoErrors) {
  auto database = open();
  ASSERT_TRUE(database);
  const auto bug = database->guarded("count sheep", [&]() -> base::Result<int> {
    return database->handle().execAndGet("SELECT wool FROM sheep").getInt();
  });
  ASSERT_FALSE(bug);
  EXPECT_EQ(bug.error().kind(), ErrorKind::internal);
  EXPECT_EQ(bug.error().to_string(), "failed to count sheep: " + name() + ": no such table: sheep");
}

}  // namespace
}  // namespace pipeline::store
