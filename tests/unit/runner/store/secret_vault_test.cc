#include "runner/store/secret_vault.h"

#include <gtest/gtest.h>

#include "tests/support/store/memory_secret_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using base::ErrorKind;
using secret::KeyPlace;

class SecretVaultTest : public testing::Test {
 protected:
  SecretVault open(KeyPlace::Owner owner = KeyPlace::Owner::us) {
    return {store_, {key_file_, owner}};
  }
  static SecretEntry entry(const std::string& name, std::optional<std::string> repository) {
    return {{std::move(repository), name}, base::TimePoint{}};
  }

  support::TemporaryDirectory directory_;
  std::filesystem::path key_file_ = directory_.path() / "secret.key";
  support::MemorySecrets rows_;
  support::MemorySecretStore store_{rows_};
};

TEST_F(SecretVaultTest, GivesBackWhatWasSetAndKeepsItEncrypted) {
  ASSERT_TRUE(open().set(entry("TOKEN", "/srv/shop"), "hunter2-token"));
  for (const auto& [key, row] : rows_) EXPECT_EQ(row.first.find("hunter2"), std::string::npos);
  EXPECT_EQ(open().get({"/srv/shop", "TOKEN"}), "hunter2-token");
  EXPECT_EQ(open().get({std::nullopt, "TOKEN"}).value(), std::nullopt);
}

TEST_F(SecretVaultTest, LooksAtNoKeyBeforeItHasTo) {
  auto vault = open();
  EXPECT_TRUE(vault.list()->empty());
  EXPECT_EQ(vault.choose("TOKEN", "/srv/shop").value(), std::nullopt);
  EXPECT_EQ(vault.get({"/srv/shop", "TOKEN"}).value(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(key_file_));
}

TEST_F(SecretVaultTest, RefusesWhatIsTooShortBeforeItMakesAKey) {
  const auto refused = open().set(entry("PIN", "/srv/shop"), "12345");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(key_file_));
}

// Somebody else sets the first secret when we have seen that there is no key yet.
class OvertakenStore final : public SecretStore {
 public:
  OvertakenStore(support::MemorySecretStore& rows, SecretVault& other)
      : rows_(rows), other_(other) {}

  base::Result<std::vector<SecretEntry>> list() override {
    EXPECT_TRUE(other_.set({{"/srv/shop", "FIRST"}, base::TimePoint{}}, "of the other"));
    return rows_.list();
  }
  base::Result<> put(const SecretEntry& entry, const std::string& sealed) override {
    return rows_.put(entry, sealed);
  }
  base::Result<std::optional<std::string>> find(const SecretId& id) override {
    return rows_.find(id);
  }
  base::Result<bool> remove(const SecretId& id) override { return rows_.remove(id); }

 private:
  support::MemorySecretStore& rows_;
  SecretVault& other_;
};

TEST_F(SecretVaultTest, WhoeverIsOvertakenUsesTheOthersKey) {
  SecretVault other = open();
  OvertakenStore overtaken(store_, other);
  SecretVault vault(overtaken, {key_file_, KeyPlace::Owner::us});
  const auto set = vault.set(entry("SECOND", "/srv/shop"), "of this one");
  ASSERT_TRUE(set) << set.error().to_string();
  EXPECT_EQ(open().get({"/srv/shop", "FIRST"}), "of the other");
  EXPECT_EQ(open().get({"/srv/shop", "SECOND"}), "of this one");
}

TEST_F(SecretVaultTest, ARepositorysOwnGoesFirst) {
  auto vault = open();
  ASSERT_TRUE(vault.set(entry("TOKEN", std::nullopt), "of all of them"));
  EXPECT_EQ(*vault.choose("TOKEN", "/srv/shop"), (SecretId{std::nullopt, "TOKEN"}));
  ASSERT_TRUE(vault.set(entry("TOKEN", "/srv/shop"), "its own one"));
  EXPECT_EQ(*vault.choose("TOKEN", "/srv/shop"), (SecretId{"/srv/shop", "TOKEN"}));
  EXPECT_EQ(*vault.choose("TOKEN", "/srv/other"), (SecretId{std::nullopt, "TOKEN"}));
}

TEST_F(SecretVaultTest, ARowThatWasMovedDoesNotOpen) {
  ASSERT_TRUE(open().set(entry("TOKEN", "/srv/shop"), "hunter2-token"));
  rows_[{"", "TOKEN"}] = rows_[{"/srv/shop", "TOKEN"}];
  const auto moved = open().get({std::nullopt, "TOKEN"});
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().to_string(),
            "failed to decrypt the secret TOKEN: it is damaged, or was moved here from another "
            "name");
}

TEST_F(SecretVaultTest, MakesNoSecondKeyBesideSecretsOfALostOne) {
  ASSERT_TRUE(open().set(entry("TOKEN", "/srv/shop"), "hunter2-token"));
  std::filesystem::remove(key_file_);
  const auto set = open().set(entry("OTHER", "/srv/shop"), "hunter3-token");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(key_file_));
  EXPECT_FALSE(open().get({"/srv/shop", "TOKEN"}));
  ASSERT_TRUE(open().remove({"/srv/shop", "TOKEN"}).value());
  EXPECT_TRUE(open().set(entry("OTHER", "/srv/shop"), "hunter3-token")) << "all begins afresh";
}

TEST_F(SecretVaultTest, MakesNoKeyInAPlaceThatIsNotOurs) {
  for (const auto owner : {KeyPlace::Owner::user, KeyPlace::Owner::systemd}) {
    EXPECT_FALSE(open(owner).set(entry("TOKEN", "/srv/shop"), "hunter2-token"));
    EXPECT_FALSE(std::filesystem::exists(key_file_));
  }
}

TEST_F(SecretVaultTest, TellsAWrongKey) {
  ASSERT_TRUE(open().set(entry("TOKEN", "/srv/shop"), "hunter2-token"));
  std::filesystem::remove(key_file_);
  ASSERT_TRUE(secret::make_key({key_file_, KeyPlace::Owner::us}));
  const auto opened = open().get({"/srv/shop", "TOKEN"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::permission);
  EXPECT_TRUE(opened.error().hint());
}

}  // namespace
}  // namespace pipeline::store
