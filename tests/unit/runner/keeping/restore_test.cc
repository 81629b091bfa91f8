// Backups of a state directory and back; and what is refused: damaged ones, those of later
// programs, and tricks.
#include "runner/keeping/restore.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/store/lease.h"
#include "runner/store/secret_vault.h"
#include "runner/store/sqlite/sqlite_database_keeper.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "runner/store/sqlite/sqlite_secret_store.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::keeping {
namespace {

namespace fs = std::filesystem;
using artifact::BundleKind;
using base::ErrorKind;

class Keeping : public testing::Test {
 protected:
  Keeping() {
    directory_.write("home/secret.key", "key");
    EXPECT_TRUE(store::open_sqlite_run_store(paths_));
    ::chmod(paths_.secret_key().c_str(), 0600);
    directory_.write("home/runs/1/jobs/a.1/log", std::string(3'000'000, 'x'));
    directory_.write("home/runs/1/lease", "4711\n");
    directory_.write("home/artifacts/" + host::sha256("packed").hex() + ".tar.zst", "packed");
    directory_.write("home/repositories/shop.git/HEAD", "ref: refs/heads/main\n");
    directory_.write("home/repositories/shop.git/refs/heads/main.lock", "");
    directory_.write("home/repositories/shop.git/objects/ab/cdef", "object");
    directory_.write("home/repositories/shop.seen", "{}");
    directory_.write("home/environments/shop/prod/releases/1/app", "app");
    directory_.write("home/mirrors/x/objects/aa", "made again");
    fs::create_symlink("app", home() / "environments/shop/prod/releases/1/link");
    ::chmod((home() / "environments/shop/prod/releases/1").c_str(), 0555);
  }
  ~Keeping() override {
    for (const fs::path& root : {home(), again()})
      ::chmod((root / "environments/shop/prod/releases/1").c_str(), 0755);
  }

  fs::path home() const { return directory_.path() / "home"; }
  fs::path again() const { return directory_.path() / "again"; }
  fs::path file() const { return directory_.path() / "backup"; }
  base::Result<BackupDone> back_up(const std::stop_token& stop = {}) {
    return keeping::back_up(paths_, *database_, file(), "1.2.3", base::TimePoint(), stop, {});
  }
  base::Result<Restored> restore() { return keeping::restore(file(), again(), *database_, {}, {}); }
  // Neither the directory nor anything beside it.
  void nothing_is_left() const {
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
      const std::string name = entry.path().filename().string();
      EXPECT_TRUE(name == "home" || name == "backup") << name;
    }
  }

  support::TemporaryDirectory directory_;
  store::Paths paths_{home()};
  std::unique_ptr<store::DatabaseKeeper> database_ = store::make_sqlite_database_keeper(paths_);
};

TEST_F(Keeping, WhatCannotBeMadeAgainComesBack) {
  const auto done = back_up();
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->contents.runs, 1U);
  EXPECT_EQ(done->contents.artifacts, 1U);
  EXPECT_EQ(done->contents.repositories, 1U);
  EXPECT_EQ(done->contents.environments, 1U);
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U) << "the key of the secrets is in it";
  nothing_is_left();

  EXPECT_TRUE(check_backup(file(), *database_, {}, {}));
  nothing_is_left();
  const auto restored = restore();
  ASSERT_TRUE(restored) << restored.error().to_string();
  EXPECT_EQ(directory_.read("again/secret.key"), "key");
  EXPECT_EQ(directory_.read("again/runs/1/jobs/a.1/log"), std::string(3'000'000, 'x'));
  EXPECT_EQ(directory_.read("again/repositories/shop.git/objects/ab/cdef"), "object");
  EXPECT_EQ(directory_.read("again/repositories/shop.seen"), "{}");
  EXPECT_EQ(directory_.read("again/environments/shop/prod/releases/1/link"), "app");
  ASSERT_EQ(::stat((again() / "environments/shop/prod/releases/1").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0555U);
  EXPECT_TRUE(store::open_sqlite_run_store(store::Paths(again())));
  for (const char* gone : {"mirrors", "runs/1/lease", "repositories/shop.git/refs/heads/main.lock"})
    EXPECT_FALSE(fs::exists(again() / gone)) << gone;
}

// Secrets are sealed for a repository by where it lies.
TEST_F(Keeping, SecretsOfHostedRepositoriesCanBeReadInTheNewPlace) {
  fs::remove(paths_.secret_key());
  const auto id_in = [](const fs::path& root) {
    return store::SecretId{(fs::canonical(root) / "repositories/shop.git").string(), "TOKEN"};
  };
  const auto before = store::open_sqlite_secret_store(paths_).value();
  store::SecretVault vault(*before, secret::key_place(paths_.secret_key()));
  ASSERT_TRUE(vault.set({id_in(home()), base::TimePoint()}, "much-longer-than-that"));
  ASSERT_TRUE(back_up());
  const auto restored = restore();
  ASSERT_TRUE(restored) << restored.error().to_string();
  EXPECT_EQ(restored->unreadable_secrets, 0U);
  const store::Paths paths(again());
  const auto after = store::open_sqlite_secret_store(paths).value();
  store::SecretVault moved(*after, secret::key_place(paths.secret_key()));
  EXPECT_EQ(moved.get(id_in(again())).value(), "much-longer-than-that");
  EXPECT_EQ(moved.list()->size(), 1U);
}

TEST_F(Keeping, NothingIsOverwritten) {
  ASSERT_TRUE(back_up());
  EXPECT_EQ(back_up().error().kind(), ErrorKind::already_exists);
  directory_.write("again/mine", "");
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::already_exists);
  EXPECT_TRUE(refused.error().hint());
  fs::remove(again() / "mine");
  EXPECT_TRUE(restore()) << "an empty one is fine";
}

TEST_F(Keeping, WhoeverIsInterruptedLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(back_up(stop.get_token()).error().kind(), ErrorKind::cancelled);
  EXPECT_FALSE(fs::exists(file()));
  nothing_is_left();
  ASSERT_TRUE(back_up());
  const auto stopped = keeping::restore(file(), again(), *database_, stop.get_token(), {});
  EXPECT_EQ(stopped.error().kind(), ErrorKind::cancelled);
  nothing_is_left();
}

TEST_F(Keeping, OneAtATime) {
  const auto lock = store::take_keeping_lock(paths_);
  const auto refused = back_up();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  nothing_is_left();
}

TEST_F(Keeping, ASymlinkThatLeadsOutIsLeftOutAndTold) {
  fs::create_symlink("/etc/passwd", home() / "environments/shop/out");
  const auto done = back_up();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->left_out, std::vector<std::string>{"environments/shop/out"});
  EXPECT_TRUE(restore());
}

TEST_F(Keeping, OneThatWasCutOffIsRefusedWhereverThatWas) {
  ASSERT_TRUE(back_up());
  const std::string whole = host::read_file(file()).value();
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 16 + 1) {
    directory_.write("backup", whole.substr(0, size));
    const auto refused = restore();
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt) << refused.error().to_string();
    EXPECT_TRUE(refused.error().hint());
    nothing_is_left();
  }
}

// A backup as its maker wants it, with a manifest that fits unless it says otherwise.
class Forged : public Keeping {
 protected:
  Forged() {
    EXPECT_TRUE(database_->copy_to(directory_.path() / "home/copy"));
    fd_ = host::open_file(file(), O_WRONLY | O_CREAT, 0600).value();
    writer_.emplace(artifact::BundleWriter::open(fd_.get()).value());
    manifest_.schema = database_->newest_schema();
    manifest_.root = again().string();
  }
  void put_database() { put(kDatabase, directory_.read("home/copy")); }
  void put(const std::string& path, const std::string& bytes) {
    write(path, bytes);
    manifest_.files.push_back({path, bytes.size(), host::sha256(bytes)});
  }
  void write(const std::string& path, const std::string& bytes) {
    EXPECT_TRUE(writer_->begin({path, BundleKind::file, 0644, 0, bytes.size()}));
    EXPECT_TRUE(writer_->write(bytes));
  }
  void put_symlink(const std::string& path, const std::string& target) {
    EXPECT_TRUE(writer_->begin({path, BundleKind::symlink, 0777, 0, 0, target}));
  }
  void put_manifest() { write(kManifest, to_json(manifest_)); }
  // Refused by both, with that, and nothing of it is left.
  void expect_refused(const std::string& why, ErrorKind kind = ErrorKind::corrupt) {
    EXPECT_TRUE(writer_->finish());
    for (const auto& refused : {restore().map([](const auto&) {}),
                                check_backup(file(), *database_, {}, {}).map([](const auto&) {})}) {
      ASSERT_FALSE(refused) << why;
      EXPECT_EQ(refused.error().kind(), kind) << refused.error().to_string();
      EXPECT_NE(refused.error().to_string().find(why), std::string::npos)
          << refused.error().to_string();
      EXPECT_TRUE(refused.error().hint());
    }
    nothing_is_left();
  }

  host::UniqueFd fd_;
  std::optional<artifact::BundleWriter> writer_;
  Manifest manifest_;
};

TEST_F(Forged, OneThatIsAsItShouldBeIsTaken) {
  put_database();
  put("admin.token", "t");
  put_manifest();
  ASSERT_TRUE(writer_->finish());
  const auto restored = restore();
  EXPECT_TRUE(restored) << restored.error().to_string();
}

TEST_F(Forged, APathThatLeadsOut) {
  put_database();
  put("runs/../../out", "x");
  put_manifest();
  expect_refused("which is not a path below it");
}

TEST_F(Forged, AnAbsolutePath) {
  put_database();
  put("/tmp/out-of-it", "x");
  put_manifest();
  expect_refused("which is not a path below it");
}

TEST_F(Forged, ASymlinkWhereThereAreNone) {
  put_database();
  put_symlink("runs/1", "2");
  put_manifest();
  expect_refused("a symlink that has no business there");
}

TEST_F(Forged, ASymlinkThatLeadsOut) {
  put_database();
  put_symlink("environments/a", "../../out");
  put_manifest();
  expect_refused("a symlink that has no business there");
}

TEST_F(Forged, AFileThatIsWrittenThroughASymlink) {
  put_database();
  ASSERT_TRUE(writer_->begin({"environments", BundleKind::directory, 0755}));
  put_symlink("environments/a", "b");
  put("environments/a/file", "x");
  put_manifest();
  ASSERT_TRUE(writer_->finish());
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  nothing_is_left();
}

TEST_F(Forged, TheSameFileTwice) {
  put_database();
  put("admin.token", "one");
  put("admin.token", "two");
  put_manifest();
  expect_refused("\"admin.token\", twice");
}

TEST_F(Forged, SomethingElse) {
  put_database();
  put("server.lock", "");
  put_manifest();
  expect_refused("which is not part of a state directory");
}

TEST_F(Forged, NoManifest) {
  put_database();
  expect_refused("it has no manifest");
}

TEST_F(Forged, SomethingAfterTheManifest) {
  put_database();
  put_manifest();
  write("admin.token", "late");
  expect_refused("after its end");
}

TEST_F(Forged, NoDatabase) {
  put("admin.token", "t");
  put_manifest();
  expect_refused("it has no database");
}

TEST_F(Forged, BytesThatWereChanged) {
  put_database();
  put("admin.token", "one");
  manifest_.files.back().sha256 = host::sha256("two");
  put_manifest();
  expect_refused("whose bytes are not those that were packed");
}

TEST_F(Forged, AFileThatIsMissing) {
  put_database();
  manifest_.files.push_back({"admin.token", 1, host::sha256("t")});
  put_manifest();
  expect_refused("\"admin.token\" is missing");
}

TEST_F(Forged, AFileThatTheManifestDoesNotName) {
  put_database();
  write("admin.token", "t");
  put_manifest();
  expect_refused("does not name");
}

TEST_F(Forged, AnArtifactUnderTheNameOfAnother) {
  put_database();
  ASSERT_TRUE(writer_->begin({"artifacts", BundleKind::directory, 0755}));
  put("artifacts/" + host::sha256("other").hex() + ".tar.zst", "packed");
  put_manifest();
  expect_refused("which is not the artifact of that name");
}

TEST_F(Forged, ADatabaseThatIsDamaged) {
  put(kDatabase, directory_.read("home/copy").substr(0, 8192) + std::string(8192, 'x'));
  put_manifest();
  expect_refused("its database is damaged");
}

TEST_F(Forged, ADatabaseWithRowsThatBelongToNothing) {
  SQLite::Database(directory_.path() / "home/copy", SQLite::OPEN_READWRITE)
      .exec("INSERT INTO events (run, sequence, body) VALUES (7, 1, '{}')");
  put_database();
  put_manifest();
  expect_refused("a row of events belongs to nothing");
}

TEST_F(Forged, ADatabaseOfALaterProgram) {
  SQLite::Database(directory_.path() / "home/copy", SQLite::OPEN_READWRITE)
      .exec("PRAGMA user_version = 4711");
  manifest_.schema = 4711;
  put_database();
  put("whatever/that/is", "x");
  put_manifest();
  expect_refused("its database is of a newer version of pipeline (schema 4711, this one knows " +
                     std::to_string(database_->newest_schema()) + ")",
                 ErrorKind::unavailable);
}

TEST_F(Forged, ALaterFormat) {
  put_database();
  manifest_.format = kBackupFormat + 1;
  put_manifest();
  expect_refused("the backup of a newer version", ErrorKind::unavailable);
}

// Runs name a hosted repository by where it lies.
TEST_F(Forged, HostedRepositoriesLieInTheNewPlace) {
  SQLite::Database(directory_.path() / "home/copy", SQLite::OPEN_READWRITE)
      .exec(
          "INSERT INTO runs (id, pipeline, repository, branch, commit_id, status, reason,"
          " created_at, last_sequence) VALUES"
          " (1, 'p', '/old/repositories/shop.git', '', '', 'succeeded', '', 0, 1),"
          " (2, 'p', '/older/repositories/shop.git', '', '', 'succeeded', '', 0, 1);"
          "INSERT INTO events VALUES (1, 1, '{\"repository\":\"/old/repositories/shop.git\"}')");
  manifest_.root = "/old";
  put_database();
  put_manifest();
  ASSERT_TRUE(writer_->finish());
  const auto restored = restore();
  ASSERT_TRUE(restored) << restored.error().to_string();
  SQLite::Database moved(again() / kDatabase);
  const std::string place = (fs::canonical(again()) / "repositories/shop.git").string();
  EXPECT_EQ(moved.execAndGet("SELECT repository FROM runs WHERE id = 1").getString(), place);
  EXPECT_EQ(moved.execAndGet("SELECT repository FROM runs WHERE id = 2").getString(),
            "/older/repositories/shop.git");
  EXPECT_EQ(moved.execAndGet("SELECT body FROM events").getString(),
            "{\"repository\":\"" + place + "\"}");
}

}  // namespace
}  // namespace pipeline::keeping
