#include "stages/host/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "stages/host/unique_fd.h"

namespace pipeline::host {
namespace {

// Listens on a free port of the loopback.
UniqueFd listen_somewhere(std::uint16_t& port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return fd;
}

TEST(Listener, IsFoundByItsPort) {
  std::uint16_t port = 0;
  auto fd = listen_somewhere(port);
  EXPECT_FALSE(can_listen({"127.0.0.1", port}));
  const auto who = listener_on(port);
  ASSERT_TRUE(who);
  EXPECT_THAT(*who, testing::EndsWith("(pid " + std::to_string(::getpid()) + ")"));
  fd.reset();
  EXPECT_TRUE(can_listen({"127.0.0.1", port}));
  EXPECT_EQ(listener_on(port), std::nullopt);
}

TEST(Address, IsTakenApartAndPutTogether) {
  for (const auto* text : {"127.0.0.1:8080", "[::1]:80", "localhost:65535", ":9000"}) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_text(), text);
  }
  EXPECT_EQ(Address::parse("*:80")->host, "");
  EXPECT_EQ(Address::parse("[::1]:80")->host, "::1");
  for (const auto* text :
       {"", "8080", "a:", "a:0", "a:65536", "a:1x", "::1:80", "a b:80", "a\n:80"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
}

}  // namespace
}  // namespace pipeline::host
