#include "stages/secret/masker.h"

#include <gtest/gtest.h>

#include <random>

#include "stages/secret/forms.h"

namespace pipeline::secret {
namespace {

// What the masker must do, written down without any cleverness.
std::string oracle(const std::string& text, const std::vector<std::string>& secrets) {
  std::vector<bool> hidden(text.size(), false);
  for (const auto& secret : secrets) {
    for (const auto& form : forms_of(secret)) {
      for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at + 1)) {
        std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), form.size(), true);
      }
    }
  }
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) result += text[i];
    if (hidden[i] && (i == 0 || !hidden[i - 1])) result += kMask;
  }
  return result;
}

std::string mask_in_chunks(const std::string& text, const std::vector<std::string>& secrets,
                           const std::vector<std::size_t>& cuts) {
  Masker masker(secrets);
  std::string result;
  const auto sink = [&](std::string_view bytes) { result += bytes; };
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    masker.write(std::string_view(text).substr(from, cut - from), sink);
    from = cut;
  }
  masker.write(std::string_view(text).substr(from), sink);
  masker.flush(sink);
  return result;
}

std::string mask(const std::string& text, const std::vector<std::string>& secrets) {
  return mask_in_chunks(text, secrets, {});
}

TEST(Masker, HidesASecretAcrossEverySplit) {
  const std::vector<std::string> secrets = {"hunter2secret", "secretive"};
  const std::string text = "a hunter2secretive b hunter2secre c hunter2secret";
  const std::string expected = oracle(text, secrets);
  ASSERT_EQ(expected, "a *** b hunter2secre c ***");
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      ASSERT_EQ(mask_in_chunks(text, secrets, {first, second}), expected)
          << "split at " << first << " and " << second;
    }
  }
}

TEST(Masker, AgreesWithTheOracleOnRandomTexts) {
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): a fixed seed makes a failure repeatable
  const auto letters = [&](std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += "ab'%"[random() % 4];
    return text;
  };
  for (int round = 0; round < 600; ++round) {
    // Few letters make overlaps and false beginnings the rule.
    const std::vector<std::string> secrets = {letters(random() % 5 + 3), letters(random() % 4 + 4)};
    const std::string text = letters(60);
    std::vector<std::size_t> cuts;
    for (std::size_t at = random() % 8; at < text.size(); at += random() % 8 + 1)
      cuts.push_back(at);
    ASSERT_EQ(mask_in_chunks(text, secrets, cuts), oracle(text, secrets))
        << secrets[0] << " " << secrets[1] << " in " << text;
  }
}

TEST(Masker, HidesBase64AtEveryAlignment) {
  // printf 'user:hunter2!' | base64, with zero, one and two bytes in front.
  EXPECT_EQ(mask("aHVudGVyMiE=", {"hunter2!"}), "***");
  EXPECT_EQ(mask("Auth: dXNlcjpodW50ZXIyIQ==", {"hunter2!"}), "Auth: dXNlcjp***");
  EXPECT_EQ(mask("eGh1bnRlcjIh", {"hunter2!"}), "eG***");
  EXPECT_EQ(mask("eHhodW50ZXIyIXo=", {"hunter2!"}), "eHh***Xo=") << "the neighbour's bits stay";
}

TEST(Masker, HidesEncodedForms) {
  EXPECT_EQ(mask("q=p%40ss%20w%2Frd&", {"p@ss w/rd"}), "q=***&");
  EXPECT_EQ(mask("q=p%40ss+w%2Frd&", {"p@ss w/rd"}), "q=***&");
  EXPECT_EQ(mask(R"({"k":"a\"b\\c\nd"})", {"a\"b\\c\nd"}), R"({"k":"***"})");
  EXPECT_EQ(mask(R"("gr\u00fc\u00dfe")", {"gr\xc3\xbc\xc3\x9f"
                                          "e"}),
            "\"***\"");
  EXPECT_EQ(mask(R"("x\ud83d\ude00y")", {"x\xf0\x9f\x98\x80y"}), "\"***\"");
}

TEST(Masker, HidesWhatShellsPrintWhenTheyQuote) {
  EXPECT_EQ(mask(R"(+ echo 'it'\''s here')", {"it's here"}), "+ echo '***'");
  EXPECT_EQ(mask(R"(+ echo 'it'"'"'s here')", {"it's here"}), "+ echo '***'");
  EXPECT_EQ(mask(R"(it\'s\ here)", {"it's here"}), "***");
  EXPECT_EQ(mask(R"("a\$b\"c")", {"a$b\"c"}), "\"***\"");
}

TEST(Masker, HidesEachLineOfAKey) {
  const std::string key = "-----BEGIN-----\nMIIEvQIBADANBg\n----\n";
  EXPECT_EQ(mask("  MIIEvQIBADANBg |", {key}), "  *** |");
  EXPECT_EQ(mask("---- rule", {key}), "---- rule");
}

TEST(Masker, LeavesShortValuesAlone) {
  EXPECT_EQ(mask("on and off", {"on", ""}), "on and off");
}

TEST(Masker, HoldsBackOnlyWhatMayBecomeASecret) {
  Masker masker({"topsecret"});
  std::string out;
  const auto sink = [&](std::string_view bytes) { out += bytes; };
  masker.write("progress 10% tops", sink);
  EXPECT_EQ(out, "progress 10% ");
  masker.write("y-turvy", sink);
  EXPECT_EQ(out, "progress 10% topsy-turvy");
}

TEST(Masker, HandsOnUntouchedWithoutSecrets) {
  Masker masker({});
  const std::string text = "anything";
  masker.write(text, [&](std::string_view bytes) { EXPECT_EQ(bytes.data(), text.data()); });
}

TEST(Masker, CopesWithALongSecretThatNearlyRepeats) {
  std::string secret(4000, 'a');
  secret += 'b';
  const std::string text = std::string(20000, 'a');
  EXPECT_EQ(mask(text, {secret}), text);
  std::string masked(16000, 'a');
  masked += "***";
  EXPECT_EQ(mask(text + "b", {secret}), masked);
}

}  // namespace
}  // namespace pipeline::secret
