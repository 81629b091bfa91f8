#include "stages/secret/crypto/sealed.h"

#include <gtest/gtest.h>

namespace pipeline::secret {
namespace {

using base::ErrorKind;

constexpr const char* kDigits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::size_t kBeforeNonce = 9;
constexpr std::size_t kBeforeCipher = kBeforeNonce + 24;

Key key() {
  return Key::parse(kDigits).value();
}

const Label kLabel{"repository /srv/shop", "NPM_TOKEN"};

TEST(Key, IsHexadecimalDigitsWithSpaceAroundThem) {
  std::string digits = kDigits;
  digits += '\n';
  EXPECT_EQ(Key::parse(digits)->text(), digits);
  EXPECT_EQ(Key::parse(" \r\n" + digits)->fingerprint(), key().fingerprint());
  for (const char* change : {"", "g", "20"}) {
    const std::string text = digits.substr(1, 63) + change;
    const auto refused = Key::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
    EXPECT_TRUE(refused.error().hint());
  }
}

TEST(Key, IsToldFromOthersByItsFingerprint) {
  EXPECT_NE(Key::random().fingerprint(), Key::random().fingerprint());
  EXPECT_EQ(key().fingerprint().size(), 16U);
  EXPECT_EQ(std::string(kDigits).find(key().fingerprint()), std::string::npos);
}

TEST(Sealed, OpensUnderItsKeyAndLabelOnly) {
  const std::string sealed = seal(key(), kLabel, "hunter2-token");
  EXPECT_EQ(unseal(key(), kLabel, sealed), "hunter2-token");
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  // The boundary between the two parts counts.
  for (const Label& other : {Label{"repository /srv/shop", "OTHER"}, Label{"global", "NPM_TOKEN"},
                             Label{"repository /srv/shopN", "PM_TOKEN"}}) {
    const auto moved = unseal(key(), other, sealed);
    ASSERT_FALSE(moved) << other.scope << " " << other.name;
    EXPECT_EQ(moved.error().kind(), ErrorKind::corrupt);
  }
}

TEST(Sealed, IsNeverTheSameTwice) {
  const std::string first = seal(key(), kLabel, "hunter2-token");
  const std::string second = seal(key(), kLabel, "hunter2-token");
  EXPECT_NE(first.substr(kBeforeNonce, 24), second.substr(kBeforeNonce, 24));
  EXPECT_NE(first.substr(kBeforeCipher), second.substr(kBeforeCipher));
}

TEST(Sealed, KeepsAnyBytes) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string secret = bytes.substr(0, size);
    ASSERT_EQ(unseal(key(), kLabel, seal(key(), kLabel, secret)), secret) << size;
  }
}

// Its layout is stored: what an earlier version sealed must open for ever.
TEST(Sealed, OpensWhatWasSealedLongAgo) {
  constexpr std::string_view kSealed =
      "01b0fc3144daf5bb0308d6a0cc3cb9a30d3507ebfbab7de4bbc19924fbacd998f934f318b6d0f57d3de4aa175abd"
      "3fa320c40469d8a4ebd5243542c222d9";
  std::string sealed;
  for (std::size_t at = 0; at < kSealed.size(); at += 2) {
    sealed += static_cast<char>(std::stoi(std::string(kSealed.substr(at, 2)), nullptr, 16));
  }
  EXPECT_EQ(unseal(key(), kLabel, sealed), "hunter2-token");
  EXPECT_EQ(seal(key(), kLabel, "hunter2-token").size(), sealed.size());
}

TEST(Sealed, IsRefusedWhenAnyBitIsChanged) {
  const std::string sealed = seal(key(), kLabel, "hunter2-token");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto opened = unseal(key(), kLabel, changed);
    ASSERT_FALSE(opened) << "bit " << bit;
    const bool is_fingerprint = bit / 8 >= 1 && bit / 8 < kBeforeNonce;
    EXPECT_EQ(opened.error().kind(), is_fingerprint ? ErrorKind::permission : ErrorKind::corrupt);
    EXPECT_TRUE(opened.error().hint());
  }
}

TEST(Sealed, IsRefusedWhenItIsCutOrGrew) {
  const std::string sealed = seal(key(), kLabel, "hunter2-token");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(unseal(key(), kLabel, sealed.substr(0, size))) << size;
  }
  EXPECT_FALSE(unseal(key(), kLabel, sealed + "x"));
}

TEST(Sealed, TellsAnotherKeyFromDamage) {
  const Key other = Key::random();
  const auto opened = unseal(other, kLabel, seal(key(), kLabel, "hunter2-token"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::permission);
  EXPECT_EQ(opened.error().message(), "it is encrypted with another key (" + key().fingerprint() +
                                          ", this one is " + other.fingerprint() + ")");
}

}  // namespace
}  // namespace pipeline::secret
