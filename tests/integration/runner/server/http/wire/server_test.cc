#include "runner/server/http/wire/server.h"

#include <fcntl.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

#include "tests/support/running_server/running_server.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(std::string_view fields, std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string echo(const Request& request) {
  std::string text = request.method;
  for (const auto& part : request.target.path) text += "/" + part;
  return text + " " + request.body;
}

void echo_back(const std::shared_ptr<Exchange>& exchange) {
  exchange->answer(text_response(200, "text/plain", echo(exchange->request())));
}

TEST(Server, AnswersOneRequestAfterAnother) {
  ScriptedHandler handler;
  handler.handles = echo_back;
  const RunningServer server(handler);
  Client client(server);
  EXPECT_EQ(client.ask("GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 OK\nGET/a/b ");
  EXPECT_EQ(client.ask(post("Content-Length: 4\r\n", "body")), "HTTP/1.1 200 OK\nPOST body");
  EXPECT_EQ(client.ask(post("Transfer-Encoding: chunked\r\n", "2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n")),
            "HTTP/1.1 200 OK\nPOST body");
  // Sent without waiting: in order.
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 200 OK\nGET/1 ");
  EXPECT_EQ(client.answer(), "HTTP/1.1 200 OK\nGET/2 ");
}

TEST(Server, ClosesWhenThePeerWantsItTo) {
  ScriptedHandler handler;
  const RunningServer server(handler);
  Client client(server);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.rest(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
            "Content-Length: 2\r\n\r\nok");
  Client old(server);
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.rest(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, AnswersHeadWithoutABody) {
  ScriptedHandler handler;
  const RunningServer server(handler);
  Client client(server);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.rest(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
            "Content-Length: 2\r\n\r\n");
}

TEST(Server, AnAnswerOfAnotherThreadIsNotOvertakenByTheEndOfItsExchange) {
  ScriptedHandler handler;
  handler.handles = [](const std::shared_ptr<Exchange>& exchange) {
    // The last one to hold the exchange is then the server's own thread.
    std::thread([&exchange] { exchange->answer(text_response(200, "text/plain", "ok")); }).join();
  };
  const RunningServer server(handler);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Client(server).ask(kGet), "HTTP/1.1 200 OK\nok");
}

TEST(Server, AnUnansweredExchangeIsAnError) {
  ScriptedHandler handler;
  handler.handles = [](const auto&) {};
  const RunningServer server(handler);
  EXPECT_EQ(Client(server).ask(kGet), "HTTP/1.1 500 Internal Server Error\nnobody answered\n");
}

TEST(Server, AFieldCannotBringAnother) {
  ScriptedHandler handler;
  handler.handles = [](const auto& exchange) {
    Response response;
    response.fields.add("Location", "/a\r\nSet-Cookie: b");
    exchange->answer(std::move(response));
  };
  const RunningServer server(handler);
  Client client(server);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), HasSubstr("Location: /a  Set-Cookie: b\r\n"));
}

TEST(Server, AHandlerMayRefuseBeforeTheBody) {
  ScriptedHandler handler;
  handler.admits = [](const Request& head) {
    EXPECT_EQ(head.fields.find("authorization"), "Bearer x");
    return Admission{.refusal = text_response(401, "text/plain", "who?")};
  };
  const RunningServer server(handler);
  EXPECT_EQ(Client(server).ask(post("Authorization: Bearer x\r\nContent-Length: 900\r\n", "")),
            "HTTP/1.1 401 Unauthorized\nwho?");
}

TEST(Server, ABodyMayGoToAFile) {
  const support::TemporaryDirectory directory;
  ScriptedHandler handler;
  handler.admits = [&](const Request&) {
    return Admission{.largest_body = 1 << 20U, .directory = directory.path()};
  };
  handler.handles = [&](const auto& exchange) {
    const Request& request = exchange->request();
    EXPECT_EQ(std::filesystem::file_size(request.body_file), 300'000U);
    if (request.target.path.empty())
      std::filesystem::rename(request.body_file, directory.path() / "kept");
    exchange->answer(Response{.status = 204, .fields = {}, .body = {}});
  };
  RunningServer server(handler);
  const std::string body(300'000, 'x');
  EXPECT_EQ(Client(server).ask(post("Content-Length: 300000\r\n", body)),
            "HTTP/1.1 204 No Content\n");
  EXPECT_EQ(Client(server).ask("PUT /gone HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + body),
            "HTTP/1.1 204 No Content\n");
  server.stop();
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    left.push_back(entry.path().filename());
  EXPECT_THAT(left, testing::ElementsAre("kept"));
}

TEST(Server, SaysThatABodyCannotBeStored) {
  ScriptedHandler handler;
  handler.admits = [](const Request&) {
    return Admission{.largest_body = 1000, .directory = "/nowhere/at/all"};
  };
  const RunningServer server(handler);
  EXPECT_THAT(Client(server).ask(post("Content-Length: 1\r\n", "x")),
              StartsWith("HTTP/1.1 507 Insufficient Storage\n"));
}

TEST(Server, SendsPartsOfFiles) {
  const support::TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << std::string(400'000, 'a') << "0123456789";
  ScriptedHandler handler;
  handler.handles = [&](const auto& exchange) {
    Response response{.status = 206, .fields = {}, .body = {}};
    response.file = FilePart{host::UniqueFd(::open((directory.path() / "file").c_str(), O_RDONLY)),
                             300'000, 100'005};
    exchange->answer(std::move(response));
  };
  const RunningServer server(handler);
  EXPECT_EQ(Client(server).ask(kGet),
            "HTTP/1.1 206 Partial Content\n" + std::string(100'000, 'a') + "01234");
}

TEST(Server, AFileThatIsShorterThanPromisedIsSeen) {
  ScriptedHandler handler;
  handler.handles = [&](const auto& exchange) {
    Response response;
    response.file = FilePart{host::UniqueFd(::open("/dev/null", O_RDONLY)), 0, 10};
    exchange->answer(std::move(response));
  };
  const RunningServer server(handler);
  EXPECT_EQ(Client(server).ask(kGet), "");
}

TEST(Server, StreamsUntilTheEnd) {
  ScriptedHandler handler;
  handler.handles = [](const auto& exchange) {
    exchange->stream(text_response(200, "text/event-stream", ""));
    exchange->send("one ");
    // The next one when that has been taken.
    exchange->on_taken([exchange, said = false]() mutable {
      if (said) return exchange->end();
      said = true;
      EXPECT_EQ(exchange->unsent(), 0U);
      exchange->send("two");
    });
  };
  const RunningServer server(handler);
  Client client(server);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.rest(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n");
  Client old(server);
  old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(old.rest(), testing::EndsWith("\r\n\r\none two"));
}

// What happened on another thread, once.
class Signal {
 public:
  void give() {
    const std::lock_guard lock(mutex_);
    given_ = true;
    changed_.notify_all();
  }
  bool await() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [this] { return given_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_ = false;
};

// Keeps the exchange of its request for the test to answer.
struct HoldingHandler : ScriptedHandler {
  HoldingHandler() {
    handles = [this](std::shared_ptr<Exchange> exchange) {
      held = std::move(exchange);
      asked.give();
    };
  }

  std::shared_ptr<Exchange> held;
  Signal asked;
};

void expect_to_be_told_that_the_peer_left(bool while_streaming) {
  Signal asked;
  Signal left;
  ScriptedHandler handler;
  handler.handles = [&](const std::shared_ptr<Exchange>& exchange) {
    // Keeps the exchange: nobody else does.
    exchange->on_left([&, exchange] { left.give(); });
    if (while_streaming) exchange->stream({});
    asked.give();
  };
  const RunningServer server(handler);
  Client client(server);
  client.send(kGet);
  ASSERT_TRUE(asked.await());
  client.leave();
  EXPECT_TRUE(left.await());
}

TEST(Server, TellsThatThePeerLeft) {
  expect_to_be_told_that_the_peer_left(false);
  expect_to_be_told_that_the_peer_left(true);
}

TEST(Server, AnswersFromAnotherThreadMuchLater) {
  HoldingHandler handler;
  const RunningServer server(handler);
  Client client(server);
  client.send(kGet);
  ASSERT_TRUE(handler.asked.await());
  handler.held->answer(text_response(200, "text/plain", "at last"));
  handler.held->answer(text_response(500, "text/plain", "an answer counts once"));
  EXPECT_EQ(client.answer(), "HTTP/1.1 200 OK\nat last");
  handler.held.reset();
}

TEST(Server, WaitsForItsTurnWhereConnectionsAreFew) {
  ScriptedHandler handler;
  const RunningServer server(handler, {.connections = 1});
  Client first(server);
  EXPECT_EQ(first.ask(kGet), "HTTP/1.1 200 OK\nok");
  Client second(server);
  second.send(kGet);
  EXPECT_EQ(first.ask(kGet), "HTTP/1.1 200 OK\nok");
  first.leave();
  EXPECT_EQ(second.answer(), "HTTP/1.1 200 OK\nok");
}

TEST(Server, StopsWhenAnswersUnderWayHaveEnded) {
  HoldingHandler handler;
  RunningServer server(handler, {.to_stop = 1h});
  Client idle(server);
  Client busy(server);
  busy.send(kGet);
  ASSERT_TRUE(handler.asked.await());
  (*server).stop();
  EXPECT_EQ(idle.rest(), "");
  handler.held->answer(text_response(200, "text/plain", "done"));
  EXPECT_THAT(busy.rest(), HasSubstr("Connection: close"));
  busy.leave();
  handler.held.reset();
  server.stop();
}

TEST(Server, DoesNotWaitForEverToStop) {
  HoldingHandler handler;
  RunningServer server(handler, {.to_stop = 10ms});
  Client busy(server);
  busy.send(kGet);
  ASSERT_TRUE(handler.asked.await());
  server.stop();
  handler.held.reset();
}

TEST(Server, SaysWhoHasItsAddress) {
  ScriptedHandler handler;
  const RunningServer server(handler);
  const auto second = Server::create(handler, {});
  const auto listening = second->listen({"127.0.0.1", server.port()});
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().kind(), base::ErrorKind::conflict);
  EXPECT_THAT(listening.error().to_string(), HasSubstr("is taken by integration_run"));
  EXPECT_EQ(second->listen({"no-address", 0}).error().to_string(), "no-address is no IP address");
}

}  // namespace
}  // namespace pipeline::http
