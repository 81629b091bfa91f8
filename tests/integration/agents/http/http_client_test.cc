// The client against the project's own server, and against peers that misbehave.
#include "agents/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <thread>

#include "runner/server/http/problem.h"
#include "stages/host/file.h"
#include "tests/support/running_server/certificate.h"
#include "tests/support/running_server/running_server.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::http_client {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using testing::HasSubstr;

TEST(ServerAddress, IsTakenApart) {
  EXPECT_EQ(ServerAddress::parse("http://127.0.0.1:8440"),
            (ServerAddress{.host = "127.0.0.1", .port = 8440}));
  EXPECT_EQ(ServerAddress::parse("https://ci.example.org/"),
            (ServerAddress{.is_tls = true, .host = "ci.example.org", .port = 443}));
  EXPECT_EQ(ServerAddress::parse("http://[::1]:80/a/b/"),
            (ServerAddress{.host = "::1", .port = 80, .prefix = "/a/b"}));
  for (const char* url : {"http://127.0.0.1:8440", "https://ci.example.org", "http://[::1]:81/ci"})
    EXPECT_EQ(ServerAddress::parse(url)->to_text(), url);
  for (const char* url :
       {"", "ci.example.org", "ftp://x", "http://", "http://:80", "http://user:pass@host",
        "http://host:0", "http://host:65536", "http://host:80x", "http://[::1", "http://::1",
        "http://host/?a", "http://host/#a", "http://ho st", "http://host\r\n"}) {
    const auto address = ServerAddress::parse(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().kind(), ErrorKind::invalid);
  }
}

class HttpClientTest : public testing::Test {
 protected:
  Settings settings() const {
    return {.server = {.host = "127.0.0.1", .port = server_.port()}, .token = "sesame"};
  }

  support::TemporaryDirectory directory_;
  http::ScriptedHandler handler_;
  http::RunningServer server_{handler_};
};

TEST_F(HttpClientTest, SaysWhatItIsAskedToAndKeepsTheConnection) {
  handler_.handles = [](const auto& exchange) {
    const http::Request& request = exchange->request();
    exchange->answer(http::text_response(
        201, "text/plain",
        request.method + " " + request.target.raw_query + " " + request.body + " " +
            std::string(request.fields.find("authorization").value_or("nobody")) + " " +
            std::string(request.fields.find("host").value_or("nowhere"))));
  };
  const auto client = HttpClient::create(settings());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client->call({.method = "PUT", .path = "/a?b=c", .body = "hello"});
    ASSERT_TRUE(reply) << reply.error().to_string();
    EXPECT_EQ(reply->status, 201U);
    EXPECT_EQ(reply->fields.at("content-type"), "text/plain");
    EXPECT_EQ(reply->body,
              "PUT b=c hello Bearer sesame 127.0.0.1:" + std::to_string(server_.port()));
  }
  EXPECT_EQ((*server_).connections(), 1U);
}

TEST_F(HttpClientTest, AHeadHasNoBody) {
  handler_.handles = [](const auto& exchange) {
    exchange->answer(http::text_response(200, "text/plain", "not sent"));
  };
  const auto client = HttpClient::create(settings());
  for (int i = 0; i < 2; ++i) {
    const auto reply = client->call({.method = "HEAD", .path = "/"});
    ASSERT_TRUE(reply) << reply.error().to_string();
    EXPECT_EQ(reply->body, "");
    EXPECT_EQ(reply->fields.at("content-length"), "8");
  }
}

TEST_F(HttpClientTest, MovesFiles) {
  const std::string bytes(300'000, 'x');
  directory_.write("up", bytes);
  handler_.admits = [](const auto&) { return http::Admission{.largest_body = 1'000'000}; };
  handler_.handles = [](const auto& exchange) {
    exchange->answer(http::text_response(200, "text/plain", exchange->request().body + "!"));
  };
  const auto client = HttpClient::create(settings());
  const auto reply = client->call({.method = "PUT",
                                   .path = "/",
                                   .upload = directory_.path() / "up",
                                   .download = directory_.path() / "down"});
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->body, "");
  EXPECT_EQ(host::read_file(directory_.path() / "down"), bytes + "!");
}

TEST_F(HttpClientTest, HearsAStreamPieceByPiece) {
  std::promise<std::shared_ptr<http::Exchange>> asked;
  handler_.handles = [&](const auto& exchange) {
    exchange->stream(http::text_response(200, "text/event-stream", ""));
    exchange->send("one\n");
    asked.set_value(exchange);
  };
  const auto client = HttpClient::create(settings());
  std::shared_ptr<http::Exchange> exchange;
  std::vector<std::string> pieces;
  const auto reply = client->call({.path = "/", .on_piece = [&](std::string_view piece) {
                                     pieces.emplace_back(piece);
                                     if (pieces.size() == 2) return false;
                                     exchange = asked.get_future().get();
                                     exchange->send("two\n");
                                     return true;
                                   }});
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_THAT(pieces, testing::ElementsAre("one\n", "two\n"));
}

TEST_F(HttpClientTest, ARefusalSaysWhy) {
  handler_.handles = [](const auto& exchange) {
    exchange->answer(http::problem(base::Error(ErrorKind::conflict, "another agent is called a")
                                       .hint("give it another name")));
  };
  const auto client = HttpClient::create(settings());
  const auto reply =
      expect_success(client->call({.path = "/", .download = directory_.path() / "not-made"}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(reply.error().to_string(), "another agent is called a");
  EXPECT_EQ(reply.error().hint(), "give it another name");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "not-made"));
  handler_.handles = [](const auto& exchange) {
    exchange->answer(http::text_response(502, "text/html", "<html>"));
  };
  const auto proxy = expect_success(client->call({.path = "/"}));
  EXPECT_EQ(proxy.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(proxy.error().to_string(), "the server answered with status 502");
}

TEST_F(HttpClientTest, AConnectionThatTheServerClosedIsMadeAgain) {
  handler_.handles = [](const auto& exchange) {
    exchange->answer(http::text_response(200, "text/plain", "ok"));
  };
  http::RunningServer impatient(handler_, {.idle = 1ms});
  Settings here = settings();
  here.server.port = impatient.port();
  const auto client = HttpClient::create(here);
  ASSERT_TRUE(client->call({.path = "/"}));
  while ((*impatient).connections() > 0) std::this_thread::yield();
  const auto again = client->call({.path = "/"});
  EXPECT_TRUE(again) << again.error().to_string();
}

TEST_F(HttpClientTest, ACallThatWaitsCanBeCancelled) {
  std::promise<std::shared_ptr<http::Exchange>> asked;
  handler_.handles = [&](const auto& exchange) { asked.set_value(exchange); };
  const auto client = HttpClient::create(settings());
  auto reply = std::async(std::launch::async, [&] { return client->call({.path = "/"}); });
  const auto held = asked.get_future().get();
  client->cancel();
  const auto cancelled = reply.get();
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind(), ErrorKind::cancelled);
  EXPECT_EQ(client->call({.path = "/"}).error().kind(), ErrorKind::cancelled);
}

TEST_F(HttpClientTest, AServerThatSaysNothingIsGivenUp) {
  std::promise<std::shared_ptr<http::Exchange>> asked;
  handler_.handles = [&](const auto& exchange) { asked.set_value(exchange); };
  const auto client = HttpClient::create(settings());
  const auto reply = client->call({.path = "/", .patience = 10ms});
  asked.get_future().wait();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind(), ErrorKind::timed_out);
  EXPECT_THAT(reply.error().to_string(), HasSubstr("does not answer in time"));
}

TEST_F(HttpClientTest, AServerThatIsNotThereIsNamed) {
  Settings nowhere = settings();
  server_.stop();
  const auto reply = HttpClient::create(nowhere)->call({.path = "/"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(reply.error().to_string(), HasSubstr("cannot reach http://127.0.0.1:"));
}

// A peer that answers every connection with the same bytes, once something was asked.
class RudePeer {
 public:
  explicit RudePeer(std::string answer) : listener_(support::listen_on_loopback(port_)) {
    thread_ = std::thread([this, answer = std::move(answer)] {
      const host::UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      char bytes[1000];
      if (::recv(peer.get(), bytes, sizeof bytes, 0) > 0) support::send_all(peer.get(), answer);
    });
  }
  ~RudePeer() { thread_.join(); }
  RudePeer(const RudePeer&) = delete;
  RudePeer& operator=(const RudePeer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  host::UniqueFd listener_;
  std::thread thread_;
};

TEST_F(HttpClientTest, WhatIsNoAnswerIsAnError) {
  for (const char* answer :
       {"", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\n"}) {
    const RudePeer peer(answer);
    Settings there = settings();
    there.server.port = peer.port();
    const auto reply = HttpClient::create(there)->call({.path = "/"});
    ASSERT_FALSE(reply) << answer;
    EXPECT_EQ(reply.error().kind(), ErrorKind::unavailable) << answer;
  }
}

TEST_F(HttpClientTest, TrustsWhomItIsToldToTrust) {
  const auto files = support::make_certificate(directory_.path(), "localhost");
  ASSERT_TRUE((*server_).set_tls(files));
  Settings trusting = settings();
  trusting.server.host = "localhost";
  trusting.server.is_tls = true;
  trusting.authorities = files.certificates;
  const auto trusted = HttpClient::create(trusting)->call({.path = "/"});
  ASSERT_TRUE(trusted) << trusted.error().to_string();
  EXPECT_EQ(trusted->body, "ok");

  Settings wary = trusting;
  wary.authorities.reset();
  const auto refused = HttpClient::create(wary)->call({.path = "/"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("no trust in https://localhost:"));

  Settings elsewhere = trusting;
  elsewhere.server.host = "127.0.0.1";  // not what the certificate is for
  EXPECT_FALSE(HttpClient::create(elsewhere)->call({.path = "/"}));
}

}  // namespace
}  // namespace pipeline::http_client
