#include "stages/host/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

// Where a service manager hears its services.
class Ear {
 public:
  explicit Ear(const std::filesystem::path& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  }
  std::string heard() const {
    std::array<char, 256> bytes{};
    const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    return size < 0 ? "" : std::string(bytes.data(), static_cast<std::size_t>(size));
  }

 private:
  UniqueFd socket_;
};

class ServiceManagerTest : public testing::Test {
 protected:
  void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  }
  support::TemporaryDirectory directory_;
};

TEST_F(ServiceManagerTest, HearsWhatItIsTold) {
  const auto path = directory_.path() / "notify";
  const Ear ear(path);
  set("NOTIFY_SOCKET", path);
  const ServiceManager manager = ServiceManager::take_from_environment();
  EXPECT_TRUE(manager.is_there());
  manager.notify("READY=1");
  EXPECT_EQ(ear.heard(), "READY=1");
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr) << "no child speaks for us";
}

TEST_F(ServiceManagerTest, WantsToHearInHalfItsTime) {
  set("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(ServiceManager::take_from_environment().watchdog_interval(), std::chrono::seconds(15));
  EXPECT_EQ(ServiceManager::take_from_environment().watchdog_interval(), std::nullopt);
  set("WATCHDOG_USEC", "30000000");
  set("WATCHDOG_PID", "1");
  EXPECT_EQ(ServiceManager::take_from_environment().watchdog_interval(), std::nullopt)
      << "somebody else is meant";
  set("WATCHDOG_USEC", "soon");
  EXPECT_EQ(ServiceManager::take_from_environment().watchdog_interval(), std::nullopt);
}

TEST_F(ServiceManagerTest, WithoutOneNothingHappens) {
  ServiceManager manager = ServiceManager::take_from_environment();
  EXPECT_FALSE(manager.is_there());
  manager.notify("READY=1");
  EXPECT_TRUE(manager.take_listeners().empty());
  set("NOTIFY_SOCKET", directory_.path() / "nobody");
  ServiceManager::take_from_environment().notify("READY=1");
}

TEST_F(ServiceManagerTest, SocketsOfSomebodyElseAreLeftAlone) {
  set("LISTEN_PID", "1");
  set("LISTEN_FDS", "2");
  EXPECT_TRUE(ServiceManager::take_from_environment().take_listeners().empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

}  // namespace
}  // namespace pipeline::host
