// A server that asks who is there, and a user whose git knows what to answer.
#include "stages/source/credentials.h"

#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "stages/host/file.h"
#include "tests/support/http/tcp.h"
#include "tests/unit/stages/source/source_fixture.h"

namespace pipeline::source {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRefused =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

// Answers every request with the same words and keeps what it was asked.
class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)) {
    listener_ = support::listen_on_loopback(port_);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url(const std::string& user = "") const {
    return "http://" + user + "127.0.0.1:" + std::to_string(port_) + "/shop";
  }
  std::string asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void serve() {
    while (true) {
      const host::UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client) return;
      std::string buffer;
      support::HttpMessage message;
      if (!support::read_message(client.get(), buffer, message)) continue;
      const std::lock_guard lock(mutex_);
      asked_ += message.head;
      support::send_all(client.get(), answer_);
    }
  }

  std::string answer_;
  std::uint16_t port_ = 0;
  host::UniqueFd listener_;
  mutable std::mutex mutex_;
  std::string asked_;
  std::thread thread_;
};

// A home whose git knows `me` with the password `s3cret-word`, everywhere if not told otherwise.
class CredentialsTest : public SourceTest {
 protected:
  CredentialsTest() {
    know("credential");
    ::setenv("HOME", home.path().c_str(), 1);
  }
  ~CredentialsTest() override { ::setenv("HOME", before.c_str(), 1); }

  void know(const std::string& section) const {
    std::ofstream(home.path() / ".gitconfig")
        << "[" << section << "]\n\t"
        << R"(helper = "!f() { echo username=me; echo password=s3cret-word; }; f")"
        << "\n";
  }
  base::Error refused(const std::string& url) const {
    const auto revision = source->fetch(url, "", nullptr);
    if (revision) throw std::runtime_error("was not refused");
    return revision.error();
  }

  support::TemporaryDirectory home;
  std::string before = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "/";
};

TEST_F(CredentialsTest, AreWhatTheUsersGitKnows) {
  const auto known = ask_credential_helper("https://host/x");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->user, "me");
  EXPECT_EQ(known->password, "s3cret-word");
  EXPECT_FALSE(ask_credential_helper("https://host/x\nhost=other"));
}

TEST_F(CredentialsTest, AreUnknownWithoutAQuestionToAnybody) {
  std::ofstream(home.path() / ".gitconfig").flush();
  EXPECT_FALSE(ask_credential_helper("https://host/x"));
}

TEST_F(CredentialsTest, GoToTheServerOnce) {
  const Server server(kRefused);
  const base::Error error = refused(server.url());
  EXPECT_THAT(server.asked(), HasSubstr("Authorization: Basic bWU6czNjcmV0LXdvcmQ="));
  EXPECT_EQ(error.kind(), base::ErrorKind::permission);
  EXPECT_THAT(error.to_string(), HasSubstr("the server refused the user name and password"));
}

TEST_F(CredentialsTest, AreNotCarriedToAnotherServer) {
  const Server other(kRefused);
  const Server server("HTTP/1.1 301 Moved\r\nLocation: " + other.url() +
                      "/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\n"
                      "Connection: close\r\n\r\n");
  know("credential \"" + server.url() + "\"");
  refused(server.url());
  EXPECT_THAT(other.asked(), HasSubstr("GET /shop"));
  EXPECT_THAT(other.asked(), Not(HasSubstr("Authorization")));
}

TEST_F(CredentialsTest, OfAUrlAreNeitherShownNorKept) {
  const Server server(kRefused);
  const base::Error error = refused(server.url("me:t0ken-word@"));
  EXPECT_THAT(error.to_string(), Not(HasSubstr("t0ken-word")));
  EXPECT_THAT(*error.hint(), HasSubstr("credential"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(*host::read_file(entry.path()), Not(HasSubstr("t0ken-word"))) << entry.path();
  }
}

}  // namespace
}  // namespace pipeline::source
