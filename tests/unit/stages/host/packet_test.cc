#include "stages/host/packet.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>

#include "stages/host/file.h"

namespace pipeline::host {
namespace {

struct Greeting {
  int number = 0;
};

TEST(Packet, CarriesBytesAndDescriptors) {
  auto sockets = make_packet_sockets();
  ASSERT_TRUE(sockets);
  const auto null = open_file("/dev/null", O_RDONLY);
  ASSERT_TRUE(null);
  ASSERT_TRUE(send_message(sockets->ours.get(), Greeting{7}, {null->get(), null->get()}));
  const auto received = receive_message<Greeting>(sockets->theirs.get());
  ASSERT_TRUE(received);
  EXPECT_EQ(received->message.number, 7);
  ASSERT_EQ(received->descriptors.size(), 2U);
  for (const auto& descriptor : received->descriptors) {
    EXPECT_NE(descriptor.get(), null->get());
    EXPECT_EQ(::fcntl(descriptor.get(), F_GETFD), FD_CLOEXEC);
  }
}

TEST(Packet, NothingThereIsNotTheEnd) {
  auto sockets = make_packet_sockets();
  ASSERT_TRUE(sockets);
  Greeting greeting;
  errno = 0;
  EXPECT_FALSE(receive_packet(sockets->theirs.get(), &greeting, sizeof greeting, MSG_DONTWAIT));
  EXPECT_EQ(errno, EAGAIN);
  sockets->ours.reset();
  const auto end = receive_packet(sockets->theirs.get(), &greeting, sizeof greeting, MSG_DONTWAIT);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->size, 0U);
}

TEST(Packet, OneOfAnotherSizeIsNoMessage) {
  auto sockets = make_packet_sockets();
  ASSERT_TRUE(sockets);
  ASSERT_TRUE(send_packet(sockets->ours.get(), "x", 1, {}, 0));
  EXPECT_FALSE(receive_message<Greeting>(sockets->theirs.get()));
}

TEST(Packet, SendingToNobodyIsRefusedWithoutASignal) {
  auto sockets = make_packet_sockets();
  ASSERT_TRUE(sockets);
  sockets->theirs.reset();
  EXPECT_FALSE(send_message(sockets->ours.get(), Greeting{}));
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace pipeline::host
