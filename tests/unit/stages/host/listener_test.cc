#include "stages/host/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stages/host/file.h"
#include "stages/host/unique_fd.h"

namespace pipeline::host {
namespace {

// Listens on a port of the address, a free one for 0.
UniqueFd listen_somewhere(std::uint16_t& port, const char* host = "127.0.0.1") {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, host, &address.sin_addr), 1);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return fd;
}

std::string ourselves() {
  return "(pid " + std::to_string(::getpid()) + ")";
}

TEST(Listener, IsFoundByItsAddress) {
  std::uint16_t port = 0;
  auto fd = listen_somewhere(port);
  EXPECT_FALSE(can_listen({"127.0.0.1", port}));
  const auto who = listener_on({"127.0.0.1", port});
  ASSERT_TRUE(who);
  EXPECT_THAT(*who, testing::EndsWith(ourselves()));
  EXPECT_TRUE(listener_on({"", port})) << "every address: this one stands in the way";
  fd.reset();
  EXPECT_TRUE(can_listen({"127.0.0.1", port}));
  EXPECT_EQ(listener_on({"127.0.0.1", port}), std::nullopt);
}

TEST(Listener, IsNotMistakenForOneOnAnotherAddress) {
  std::uint16_t port = 0;
  const auto fd = listen_somewhere(port);
  EXPECT_TRUE(can_listen({"127.0.0.2", port}));
  EXPECT_EQ(listener_on({"127.0.0.2", port}), std::nullopt);
  EXPECT_EQ(listener_on({"::1", port}), std::nullopt);
}

TEST(Listener, OnEveryAddressStandsInTheWayOfEach) {
  std::uint16_t port = 0;
  const auto fd = listen_somewhere(port, "0.0.0.0");
  EXPECT_FALSE(can_listen({"127.0.0.2", port}));
  EXPECT_TRUE(listener_on({"127.0.0.2", port}));
}

TEST(Listener, SaysWhyItCannotBe) {
  std::uint16_t port = 0;
  const auto fd = listen_somewhere(port);
  EXPECT_EQ(can_listen({"127.0.0.1", port}).error().kind(), base::ErrorKind::conflict);
  // Of the documentation's range: no address of this machine.
  const auto elsewhere = can_listen({"192.0.2.1", port});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().to_string(), "failed to listen on 192.0.2.1:" + std::to_string(port) +
                                               ": Cannot assign requested address");
}

TEST(Listener, OfAPrivilegedPortIsRefusedWithAWayOut) {
  // A child that may not bind low ports, whoever runs this test.
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(3);
    const auto low = can_listen({"127.0.0.1", 1});
    ::_exit(!low && low.error().kind() == base::ErrorKind::permission && low.error().hint() ? 0
                                                                                            : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const auto first = read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  if (first && std::stoi(*first) <= 1) GTEST_SKIP() << "every port is everybody's here";
  EXPECT_EQ(status, 0);
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
