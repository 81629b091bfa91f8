#include "stages/secret/masker.h"

#include <gtest/gtest.h>

#include <random>

#include "stages/secret/forms.h"
#include "tests/support/masking_oracle.h"
#include "tests/support/property.h"

namespace pipeline::secret {
namespace {

std::string oracle(const std::string& text, const std::vector<std::string>& secrets) {
  return support::masked_naively(text, secrets);
}

std::string mask_in_chunks(const std::string& text, const std::vector<std::string>& secrets,
                           const std::vector<std::size_t>& cuts) {
  Masker masker(secrets);
  return support::masked_in_parts(masker, text, cuts);
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

const std::string kKeyLines = "-----BEGIN KEY-----\nMIIE/vQI+BAD\nAN\n-----END KEY-----\n";

std::string with_line_ends(std::string text, const std::string& line_end) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += line_end.size()) {
    text.replace(at, 1, line_end);
  }
  return text;
}

// Even the line that is too short to be looked for by itself.
TEST(Masker, HidesSeveralLinesWhateverEndsThem) {
  const std::vector<std::string> line_ends = {"\n", "\r\n", "\r"};
  for (const std::string& kept : line_ends) {
    const std::string secret = with_line_ends(kKeyLines, kept);
    for (const std::string& printed : line_ends) {
      const std::string text = with_line_ends(kKeyLines, printed);
      const std::string bare = text.substr(0, text.size() - printed.size());
      EXPECT_EQ(mask("<" + text + ">", {secret}), "<***>");
      EXPECT_EQ(mask("<" + bare + ">", {secret}), "<***>");
    }
  }
}

TEST(Masker, HidesSeveralLinesInEveryEncoding) {
  // Python: json.dumps, urllib.parse.quote, base64.b64encode, shlex.quote; bash: printf %q.
  EXPECT_EQ(
      mask(R"("-----BEGIN KEY-----\r\nMIIE/vQI+BAD\r\nAN\r\n-----END KEY-----")", {kKeyLines}),
      "\"***\"");
  EXPECT_EQ(mask(R"("-----BEGIN KEY-----\rMIIE\/vQI+BAD\rAN\r-----END KEY-----\r")", {kKeyLines}),
            "\"***\"");
  EXPECT_EQ(mask("k=-----BEGIN%20KEY-----%0D%0AMIIE%2FvQI%2BBAD%0D%0AAN%0D%0A-----END%20KEY-----&",
                 {kKeyLines}),
            "k=***&");
  EXPECT_EQ(mask("$'-----BEGIN KEY-----\\nMIIE/vQI+BAD\\nAN\\n-----END KEY-----\\n'", {kKeyLines}),
            "$'***'");
  const std::string windows = with_line_ends(kKeyLines, "\r\n");
  EXPECT_EQ(
      mask("LS0tLS1CRUdJTiBLRVktLS0tLQpNSUlFL3ZRSStCQUQKQU4KLS0tLS1FTkQgS0VZLS0tLS0=", {windows}),
      "***");
  EXPECT_EQ(
      mask("LS0tLS1CRUdJTiBLRVktLS0tLQpNSUlFL3ZRSStCQUQKQU4KLS0tLS1FTkQgS0VZLS0tLS0K", {windows}),
      "***");
}

TEST(Masker, HidesEachLineInEveryEncoding) {
  EXPECT_EQ(mask("  1: TUlJRS92UUkrQkFE", {kKeyLines}), "  1: ***");
  EXPECT_EQ(mask("[\"MIIE\\/vQI+BAD\",", {kKeyLines}), "[\"***\",");
  EXPECT_EQ(mask("MIIE%2fvQI%2bBAD", {kKeyLines}), "***");
}

// Every pair of cuts of a stream that has each form of each line end in it.
TEST(Masker, AgreesWithTheOracleOverEverySplit) {
  const std::vector<std::string> secrets = {"a'b\"c d", "pass\nword"};
  std::string text;
  for (const std::string& secret : secrets) {
    for (const std::string& form : forms_of(secret)) text += form.substr(0, 3) + form + "|";
  }
  const std::string expected = oracle(text, secrets);
  Masker masker(secrets);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    ASSERT_EQ(support::masked_in_parts(masker, text, {first}), expected) << first;
  }
  const std::string part = text.substr(0, 120);
  const std::string expected_part = oracle(part, secrets);
  for (std::size_t first = 0; first <= part.size(); ++first) {
    for (std::size_t second = first; second <= part.size(); ++second) {
      ASSERT_EQ(support::masked_in_parts(masker, part, {first, second}), expected_part)
          << first << " and " << second;
    }
  }
}

RC_GTEST_PROP(MaskerProperty, AgreesWithTheOracleWhateverTheSecretsAndTheCuts, ()) {
  const auto letters = rc::gen::elementOf(std::string("ab\n\r%'/\\\" +"));
  const auto secrets =
      *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(letters));
  std::string text = *rc::gen::container<std::string>(letters);
  for (const std::string& secret : secrets) {
    const auto forms = forms_of(secret);
    if (forms.empty()) continue;
    text += *rc::gen::elementOf(forms) + *rc::gen::container<std::string>(letters);
  }
  std::vector<std::size_t> cuts = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, text.size() + 1));
  std::sort(cuts.begin(), cuts.end());
  RC_ASSERT(mask_in_chunks(text, secrets, cuts) == oracle(text, secrets));
}

TEST(Masker, MasksOneTextAfterAnother) {
  Masker masker({"hunter2secret"});
  EXPECT_EQ(masker.mask("a hunter2secret"), "a ***");
  EXPECT_EQ(masker.mask("hunter2"), "hunter2") << "nothing is held back";
  EXPECT_EQ(masker.mask("secret"), "secret");
  EXPECT_EQ(Masker({}).mask("anything"), "anything");
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
