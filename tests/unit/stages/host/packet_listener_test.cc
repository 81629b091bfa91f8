#include "stages/host/packet_listener.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <string>

#include "stages/host/packet.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

TEST(PacketListener, TakesWhoeverKnocksEvenBeforeItLooks) {
  const support::TemporaryDirectory directory;
  const auto name = directory.path() / "control";
  const auto listener = listen_for_packets(name);
  ASSERT_TRUE(listener) << listener.error().to_string();
  EXPECT_FALSE(accept_packets(listener->get()));
  const auto caller = connect_for_packets(name);
  ASSERT_TRUE(caller && *caller);
  ASSERT_TRUE(send_packet((*caller)->get(), "hello", 5, {}, 0));
  const UniqueFd accepted = accept_packets(listener->get());
  ASSERT_TRUE(accepted);
  std::string text(16, '\0');
  const auto packet = receive_packet(accepted.get(), text.data(), text.size(), 0);
  ASSERT_TRUE(packet);
  EXPECT_EQ(text.substr(0, packet->size), "hello");
}

TEST(PacketListener, ANameTellsWhetherAnybodyIsThere) {
  const support::TemporaryDirectory directory;
  const auto name = directory.path() / "control";
  const auto nobody = connect_for_packets(name);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(*nobody);
  const auto no_directory = connect_for_packets(directory.path() / "none" / "control");
  ASSERT_TRUE(no_directory);
  EXPECT_FALSE(*no_directory);
  auto listener = listen_for_packets(name);
  ASSERT_TRUE(listener);
  const auto caller = connect_for_packets(name);
  ASSERT_TRUE(caller && *caller);
  listener->reset();
  pollfd ended{.fd = (*caller)->get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&ended, 1, -1), 1) << "one that was never accepted ends, too";
  const auto gone = connect_for_packets(name);
  ASSERT_TRUE(gone);
  EXPECT_FALSE(*gone);
  EXPECT_TRUE(listen_for_packets(name)) << "a name that is left over is no hindrance";
}

TEST(PacketListener, IsForItsOwnUserHoweverLongItsPath) {
  const support::TemporaryDirectory directory;
  auto deep = directory.path();
  for (int i = 0; i < 4; ++i) deep /= std::string(60, 'd');
  std::filesystem::create_directories(deep);
  const auto listener = listen_for_packets(deep / "control");
  ASSERT_TRUE(listener) << listener.error().to_string();
  struct stat status {};
  ASSERT_EQ(::stat((deep / "control").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto caller = connect_for_packets(deep / "control");
  EXPECT_TRUE(caller && *caller);
}

}  // namespace
}  // namespace pipeline::host
