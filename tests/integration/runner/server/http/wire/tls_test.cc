// TLS, with OpenSSL's own tools on the other side.
#include <cstdlib>

#include "tests/support/running_server/certificate.h"
#include "tests/support/running_server/running_server.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::http {
namespace {

using support::make_certificate;

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string all;
  char bytes[4096];
  while (const auto got = std::fread(bytes, 1, sizeof bytes, pipe.get())) all.append(bytes, got);
  return all;
}

// What a client that trusts only that certificate gets.
std::string ask(const RunningServer& server, const TlsFiles& files, const std::string& name) {
  return output_of("curl --silent --show-error --max-time 30 --cacert " +
                   files.certificates.string() + " --resolve " + name + ":" +
                   std::to_string(server.port()) + ":127.0.0.1 https://" + name + ":" +
                   std::to_string(server.port()) + "/ 2>&1");
}

TEST(Tls, IsSpokenFromTheNextConnectionOn) {
  const support::TemporaryDirectory directory;
  ScriptedHandler handler;
  RunningServer server(handler);
  Client plain(server);
  EXPECT_EQ(plain.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\nok");

  const TlsFiles first = make_certificate(directory.path(), "first");
  ASSERT_TRUE((*server).set_tls(first));
  EXPECT_EQ(ask(server, first, "first"), "ok");
  EXPECT_EQ(plain.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\nok");

  const TlsFiles second = make_certificate(directory.path(), "second");
  ASSERT_TRUE((*server).set_tls(second));
  EXPECT_EQ(ask(server, second, "second"), "ok");
  EXPECT_NE(ask(server, first, "first"), "ok");
}

TEST(Tls, FilesThatDoNotFitChangeNothing) {
  const support::TemporaryDirectory directory;
  const TlsFiles good = make_certificate(directory.path(), "good");
  const TlsFiles other = make_certificate(directory.path(), "other");
  ScriptedHandler handler;
  RunningServer server(handler);
  ASSERT_TRUE((*server).set_tls(good));
  const auto refused = [&](const TlsFiles& files) {
    const auto result = (*server).set_tls(files);
    return result ? "" : result.error().to_string();
  };
  EXPECT_THAT(
      refused({good.certificates, other.key}),
      testing::StartsWith(other.key.string() + " cannot be used for TLS: key values mismatch"));
  EXPECT_EQ(
      refused({directory.path() / "none", good.key}),
      (directory.path() / "none").string() + " cannot be used for TLS: No such file or directory");
  EXPECT_EQ(ask(server, good, "good"), "ok");
}

// Who is spoken to in the clear, or in an old language, gets nothing.
TEST(Tls, OtherLanguagesAreRefused) {
  const support::TemporaryDirectory directory;
  const TlsFiles files = make_certificate(directory.path(), "server");
  ScriptedHandler handler;
  RunningServer server(handler);
  ASSERT_TRUE((*server).set_tls(files));
  Client plain(server);
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(plain.rest().find("HTTP"), std::string::npos);
  const std::string old =
      output_of("openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0 -connect 127.0.0.1:" +
                std::to_string(server.port()) + " < /dev/null 2>&1");
  EXPECT_NE(old.find("alert protocol version"), std::string::npos) << old;
}

}  // namespace
}  // namespace pipeline::http
