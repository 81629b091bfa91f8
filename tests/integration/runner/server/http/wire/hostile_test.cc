// Clients that are broken, slow or want something else than the handler's answer.
#include "tests/support/running_server/running_server.h"

namespace pipeline::http {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

// The status line of what `bytes` are answered with, and whether the connection ends then.
std::string status_of(std::string_view bytes, const Limits& limits = {}) {
  ScriptedHandler handler;
  const RunningServer server(handler, limits);
  Client client(server);
  client.send(bytes);
  const std::string answer = client.rest();
  EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos) << answer;
  return answer.substr(0, answer.find('\r'));
}

TEST(HostileClient, IsToldWhatIsNotHttp) {
  for (const std::string_view bytes : {
           "\x16\x03\x01\x02\x00\x01\r\n\r\n",
           "hello\r\n\r\n",
           "GET /\r\n\r\n",
           "GET / HTTP/2.0\r\n\r\n",
           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
           "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
           "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n",
           "GET /%2e%2e/etc HTTP/1.1\r\nHost: x\r\n\r\n",
       })
    EXPECT_EQ(status_of(bytes), "HTTP/1.1 400 Bad Request") << bytes;
}

// Two readers that see the end of a body at different places can be made to see different requests.
TEST(HostileClient, CannotSmuggleARequest) {
  const std::string inner = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string_view fields : {
           "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
           "Content-Length: 4\r\nContent-Length: 5\r\n",
           "Content-Length: +4\r\n",
           "Content-Length: -1\r\n",
           "Content-Length: 0x4\r\n",
           "Content-Length: 99999999999999999999\r\n",
       })
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + inner),
              "HTTP/1.1 400 Bad Request")
        << fields;
  for (const std::string_view chunks : {"zz\r\n\r\n", "-1\r\n", "4\r\nbodyX0\r\n\r\n"})
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        std::string(chunks) + inner),
              "HTTP/1.1 400 Bad Request")
        << chunks;
}

TEST(HostileClient, CannotSendTooMuch) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(status_of("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"),
            "HTTP/1.1 413 Payload Too Large");
  // It is told although it has much more to send.
  const std::string much(std::size_t{1} << 20U, 'x');
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n" + much),
            "HTTP/1.1 413 Payload Too Large");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n" + much),
            "HTTP/1.1 413 Payload Too Large");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            "HTTP/1.1 413 Payload Too Large");
}

TEST(HostileClient, IsNotWaitedFor) {
  EXPECT_EQ(status_of("", {.idle = 20ms}), "");
  EXPECT_EQ(status_of("GET / HT", {.for_head = 20ms}), "");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx", {.for_piece = 20ms}),
            "HTTP/1.1 408 Request Timeout");
}

TEST(HostileClient, ADribbleIsNoBody) {
  constexpr std::uint64_t kEndless = std::uint64_t{1} << 50U;
  ScriptedHandler handler;
  handler.admits = [](const Request&) { return Admission{.largest_body = kEndless}; };
  // Faster than anybody can be.
  const RunningServer server(handler, {.for_piece = 100ms, .slowest = kEndless});
  Client client(server);
  client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::jthread dribble([&](const std::stop_token& stop) {
    // A flood would be hung up on before the answer is read.
    while (!stop.stop_requested() && client.try_to_send("1\r\nx\r\n"))
      std::this_thread::sleep_for(1ms);
  });
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 408 Request Timeout"));
}

TEST(HostileClient, MayNotExpectAnything) {
  ScriptedHandler handler;
  const RunningServer server(handler);
  Client client(server);
  client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\n");
  EXPECT_EQ(client.ask("x"), "HTTP/1.1 200 OK\nok");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n"),
            "HTTP/1.1 417 Expectation Failed");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n"),
            "HTTP/1.1 413 Payload Too Large");
}

}  // namespace
}  // namespace pipeline::http
