#include "runner/notify/mailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pipeline::notify {
namespace {

using Security = MailServer::Security;

TEST(MailServer, IsReadFromAUrl) {
  const auto usual = MailServer::parse("smtp://mail.example.org");
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->host, "mail.example.org");
  EXPECT_EQ(usual->port, 587);
  EXPECT_EQ(usual->security, Security::starttls);
  const auto tls = MailServer::parse("smtps://[::1]:4465");
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->host, "[::1]");
  EXPECT_EQ(tls->port, 4465);
  EXPECT_EQ(tls->security, Security::tls);
  EXPECT_EQ(MailServer::parse("smtps://m")->port, 465);
  const auto plain = MailServer::parse("smtp+plain://127.0.0.1");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->port, 25);
  EXPECT_EQ(plain->security, Security::none);
}

TEST(MailServer, RefusesAnythingElse) {
  for (const char* url : {"mail.example.org", "http://mail", "smtp://", "smtp://user:pw@mail",
                          "smtp://mail/path", "smtp://mail:", "smtp://mail:0", "smtp://mail:x"})
    EXPECT_FALSE(MailServer::parse(url)) << url;
}

TEST(Subject, IsAsItIsOrInEncodedWords) {
  EXPECT_EQ(encoded_subject("shop: run 41 on main failed"), "shop: run 41 on main failed");
  EXPECT_EQ(encoded_subject("gr\xc3\xbc\xc3\x9f"), "=?UTF-8?B?Z3LDvMOf?=");
  EXPECT_EQ(encoded_subject("=?UTF-8?B?eA==?="), "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=");
}

TEST(Subject, IsNeverCutWithinACharacter) {
  std::string subject(44, 'x');
  for (int i = 0; i < 30; ++i) subject += "\xe2\x82\xac";  // the euro sign
  const std::string encoded = encoded_subject(subject);
  EXPECT_EQ(encoded.find(std::string(44, 'x')), std::string::npos);
  // Its first word ends before the first sign, which begins at byte 44 and would be cut.
  EXPECT_TRUE(encoded.starts_with("=?UTF-8?B?" + std::string("eHh4"))) << encoded;
  for (std::size_t at = 0; at != std::string::npos;) {
    const auto end = encoded.find("\r\n ", at);
    const std::string word = encoded.substr(at, end == std::string::npos ? end : end - at);
    EXPECT_LE(word.size(), 75U);
    at = end == std::string::npos ? end : end + 3;
  }
}

}  // namespace
}  // namespace pipeline::notify
