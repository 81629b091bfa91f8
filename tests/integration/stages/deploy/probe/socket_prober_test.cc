#include "stages/deploy/probe/socket_prober.h"

#include <sys/socket.h>

#include "stages/host/listener.h"
#include "tests/support/http/http_backend.h"
#include "tests/support/http/tcp.h"

namespace pipeline::deploy::probe {
namespace {

using namespace std::chrono_literals;

std::string reason(std::uint16_t port, const model::HealthCheck& check) {
  const auto answer = SocketProber().probe("127.0.0.1", port, check);
  return answer ? "" : answer.error().to_string();
}

const model::HealthCheck kHttp{.http_path = "/healthz"};
const model::HealthCheck kConnect{.http_path = std::nullopt};

TEST(SocketProber, PassesWhatAnswersWell) {
  support::HttpBackend backend("well");
  EXPECT_EQ(reason(backend.port(), kHttp), "");
  EXPECT_EQ(reason(backend.port(), kConnect), "");
  backend.answer_with(302);
  EXPECT_EQ(reason(backend.port(), kHttp), "");
}

TEST(SocketProber, SaysWhatWasAnswered) {
  support::HttpBackend backend("ill");
  for (const int status : {503, 404, 199}) {
    backend.answer_with(status);
    EXPECT_EQ(reason(backend.port(), kHttp), "HTTP " + std::to_string(status));
  }
}

TEST(SocketProber, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  support::listen_on_loopback(port).reset();
  EXPECT_EQ(reason(port, kHttp), "connection refused");
  EXPECT_EQ(reason(port, kConnect), "connection refused");
  EXPECT_EQ(SocketProber().probe("no-address", port, kHttp).error().to_string(),
            "\"no-address\" is not an IP address");
}

TEST(SocketProber, WaitsNoLongerThanItMay) {
  support::HttpBackend backend("slow");
  backend.hold();
  auto check = kHttp;
  check.timeout = 50ms;
  EXPECT_EQ(reason(backend.port(), check), "no answer within 50ms");
  backend.release();
}

// Accepts one connection and answers with the bytes.
std::string reason_for_answer(const std::string& bytes) {
  std::uint16_t port = 0;
  const auto listener = support::listen_on_loopback(port);
  std::thread server([&] {
    const host::UniqueFd client(::accept(listener.get(), nullptr, nullptr));
    std::string buffer;
    support::HttpMessage request;
    support::read_message(client.get(), buffer, request);
    support::send_all(client.get(), bytes);
  });
  auto why = reason(port, kHttp);
  server.join();
  return why;
}

TEST(SocketProber, RefusesWhatIsNotHttp) {
  EXPECT_EQ(reason_for_answer(""), "the connection was closed without an answer");
  EXPECT_EQ(reason_for_answer("HTTP/1.1 2"), "the connection was closed without an answer");
  EXPECT_EQ(reason_for_answer("SSH-2.0-x\r\n"), "the answer is not HTTP");
  EXPECT_EQ(reason_for_answer("HTTP/1.1 2x0 OK\r\n\r\n"), "the answer is not HTTP");
  EXPECT_EQ(reason_for_answer(std::string(100'000, 'x')), "the answer is not HTTP");
  EXPECT_EQ(reason_for_answer("HTTP/1.1 204 No Content\r\n\r\n"), "");
}

}  // namespace
}  // namespace pipeline::deploy::probe
