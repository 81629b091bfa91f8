#include "stages/secret/crypto/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <latch>
#include <thread>

#include "stages/host/file.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::secret {
namespace {

using base::ErrorKind;

class KeyFile : public testing::Test {
 protected:
  KeyFile() {
    ::unsetenv("PIPELINE_SECRET_KEY_FILE");
    ::unsetenv("CREDENTIALS_DIRECTORY");
  }
  ~KeyFile() override {
    ::unsetenv("PIPELINE_SECRET_KEY_FILE");
    ::unsetenv("CREDENTIALS_DIRECTORY");
  }
  void write(const std::filesystem::path& path, const std::string& text, mode_t mode) const {
    ASSERT_TRUE(host::write_file(path, text, host::Durability::cached, mode));
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }

  support::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "secret.key";
  KeyPlace place_{file_, KeyPlace::Owner::us};
};

TEST_F(KeyFile, IsMadeForItsOwnerOnlyAndReadAgain) {
  ASSERT_TRUE(make_key(place_));
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  const auto first = load_key(place_);
  ASSERT_TRUE(first) << first.error().to_string();
  ASSERT_TRUE(make_key(place_)) << "whoever comes second";
  EXPECT_EQ(load_key(place_)->fingerprint(), first->fingerprint()) << "the first one counts";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1)
      << "no draft is left";
}

TEST_F(KeyFile, OneOfManyWinsWhenAllMakeIt) {
  constexpr int kMakers = 8;
  std::latch start(kMakers);
  std::vector<std::string> seen(kMakers);
  std::vector<std::thread> makers;
  makers.reserve(kMakers);
  for (int maker = 0; maker < kMakers; ++maker) {
    makers.emplace_back([&, maker] {
      start.arrive_and_wait();
      if (make_key(place_)) seen[static_cast<std::size_t>(maker)] = load_key(place_)->fingerprint();
    });
  }
  for (auto& maker : makers) maker.join();
  for (const auto& fingerprint : seen) EXPECT_EQ(fingerprint, seen.front());
  EXPECT_FALSE(seen.front().empty());
}

TEST_F(KeyFile, ThatIsNotThereSaysWhatToDo) {
  const auto ours = load_key(place_);
  ASSERT_FALSE(ours);
  EXPECT_EQ(ours.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(ours.error().to_string(),
            "failed to read the key of the secrets: " + file_.string() + " is not there");
  EXPECT_NE(ours.error().hint()->find("restore it"), std::string::npos);
  const auto named = load_key({file_, KeyPlace::Owner::user});
  EXPECT_NE(named.error().hint()->find("openssl rand -hex 32"), std::string::npos);
}

TEST_F(KeyFile, ThatOthersMayReadOrChangeIsRefused) {
  const std::string digits = Key::random().text();
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0666U}) {
    write(file_, digits, mode);
    const auto refused = load_key(place_);
    ASSERT_FALSE(refused) << std::oct << mode;
    EXPECT_EQ(refused.error().kind(), ErrorKind::permission);
    EXPECT_EQ(refused.error().to_string(),
              "failed to read the key of the secrets: " + file_.string() +
                  " may be read or changed by others");
    EXPECT_EQ(refused.error().hint()->find("chmod 600 " + file_.string()), 0U);
  }
  for (const mode_t mode : {0600U, 0400U}) {
    write(file_, digits, mode);
    EXPECT_TRUE(load_key(place_)) << std::oct << mode;
  }
}

// systemd's access list shows as a read bit of the group.
TEST_F(KeyFile, OfSystemdMayShowAGroupsReadBit) {
  write(file_, Key::random().text(), 0440);
  EXPECT_TRUE(load_key({file_, KeyPlace::Owner::systemd}));
  write(file_, Key::random().text(), 0444);
  EXPECT_FALSE(load_key({file_, KeyPlace::Owner::systemd}));
}

TEST_F(KeyFile, ThatHoldsNoKeyIsDamaged) {
  for (const std::string& text : {std::string(), std::string("hunter2\n"), std::string(64, 'x')}) {
    write(file_, text, 0600);
    const auto refused = load_key(place_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
    EXPECT_EQ(refused.error().to_string(),
              "failed to read the key of the secrets: " + file_.string() +
                  ": it is not 64 hexadecimal digits");
    EXPECT_TRUE(refused.error().hint());
  }
}

TEST_F(KeyFile, IsLookedForWhereTheEnvironmentSays) {
  EXPECT_EQ(key_place(file_).file, file_);
  EXPECT_EQ(key_place(file_).owner, KeyPlace::Owner::us);
  ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
  EXPECT_EQ(key_place(file_).owner, KeyPlace::Owner::us) << "systemd gave none of that name";
  const auto credential = directory_.path() / "pipeline-secret-key";
  write(credential, Key::random().text(), 0400);
  EXPECT_EQ(key_place(file_).file, credential);
  EXPECT_EQ(key_place(file_).owner, KeyPlace::Owner::systemd);
  ::setenv("PIPELINE_SECRET_KEY_FILE", "/etc/key", 1);
  EXPECT_EQ(key_place(file_).file, "/etc/key");
  EXPECT_EQ(key_place(file_).owner, KeyPlace::Owner::user);
}

}  // namespace
}  // namespace pipeline::secret
