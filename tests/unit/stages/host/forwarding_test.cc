#include "stages/host/forwarding.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <thread>

#include "stages/host/tcp.h"
#include "tests/support/http/tcp.h"

namespace pipeline::host {
namespace {

using support::send_all;

// A forwarder in a thread, between clients and a server that are this test.
class ForwardingTest : public testing::Test {
 protected:
  void SetUp() override {
    entrance_ = support::listen_on_loopback(port_);
    server_ = support::listen_on_loopback(server_port_);
    end_.reset(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] {
      forward_connections(
          entrance_.get(),
          [this] {
            return begin_connect_tcp({"127.0.0.1", server_port_});
          },
          end_.get());
    });
  }
  void TearDown() override { finish(); }

  void finish() {
    if (!thread_.joinable()) return;
    ::eventfd_write(end_.get(), 1);
    thread_.join();
  }
  UniqueFd connect() const { return support::connect_to("127.0.0.1", port_); }
  UniqueFd accept() const {
    return UniqueFd(::accept4(server_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  // Until the end of the stream, or `enough` bytes.
  static std::string receive(int fd, std::size_t enough = std::string::npos) {
    std::string text;
    char bytes[65536];
    while (text.size() < enough) {
      const ssize_t got = ::recv(fd, bytes, std::min(sizeof bytes, enough - text.size()), 0);
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }

  std::uint16_t port_ = 0;
  std::uint16_t server_port_ = 0;
  UniqueFd entrance_;
  UniqueFd server_;
  UniqueFd end_;
  std::thread thread_;
};

// More than the sockets of both sides hold together.
const std::string kMuch(std::size_t{32} << 20U, 'x');

TEST_F(ForwardingTest, PassesBothDirectionsAndTheirEnds) {
  const auto client = connect();
  const auto peer = accept();
  ASSERT_TRUE(send_all(client.get(), "question"));
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(receive(peer.get()), "question") << "and its end, while the answer is still to come";
  ASSERT_TRUE(send_all(peer.get(), "answer"));
  ::shutdown(peer.get(), SHUT_WR);
  EXPECT_EQ(receive(client.get()), "answer");
}

TEST_F(ForwardingTest, AFullDirectionDoesNotHoldUpTheOther) {
  const auto client = connect();
  const auto peer = accept();
  // The server says all it has to say before it listens.
  std::thread asking([&] {
    EXPECT_TRUE(send_all(client.get(), kMuch));
    ::shutdown(client.get(), SHUT_WR);
  });
  std::thread hearing([&] { EXPECT_EQ(receive(client.get()).size(), kMuch.size()); });
  EXPECT_TRUE(send_all(peer.get(), kMuch));
  ::shutdown(peer.get(), SHUT_WR);
  EXPECT_EQ(receive(peer.get()).size(), kMuch.size());
  asking.join();
  hearing.join();
}

TEST_F(ForwardingTest, AStuckConnectionHoldsUpNobodyAndEndsWhenAsked) {
  const auto stuck = connect();
  const auto stuck_peer = accept();
  std::thread asking([&] { EXPECT_FALSE(send_all(stuck.get(), kMuch)) << "nobody reads it"; });
  const auto client = connect();
  const auto peer = accept();
  ASSERT_TRUE(send_all(client.get(), "hello"));
  EXPECT_EQ(receive(peer.get(), 5), "hello");
  finish();
  asking.join();
  EXPECT_EQ(receive(client.get()), "");
}

TEST_F(ForwardingTest, LetsGoOfFinishedConnections) {
  const auto peer = [&] {
    const auto client = connect();
    return accept();
  }();
  EXPECT_EQ(receive(peer.get()), "");
}

TEST_F(ForwardingTest, ARefusedConnectionIsClosedToItsClient) {
  server_.reset();
  const auto client = connect();
  EXPECT_EQ(receive(client.get()), "");
}

TEST_F(ForwardingTest, SurvivesARunOutOfDescriptors) {
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage where{};
  socklen_t length = sizeof where;
  ASSERT_EQ(::getsockname(entrance_.get(), reinterpret_cast<sockaddr*>(&where), &length), 0);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;  // what is open stays open
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const int connected = ::connect(client.get(), reinterpret_cast<sockaddr*>(&where), length);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_EQ(connected, 0);
  const auto peer = accept();
  ASSERT_TRUE(send_all(client.get(), "hello"));
  EXPECT_EQ(receive(peer.get(), 5), "hello");
}

}  // namespace
}  // namespace pipeline::host
