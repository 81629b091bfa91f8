// Requests that nobody in his right mind sends, with the token that may do everything: the server
// answers each, none as if it were its own fault, and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/e2e/server/team.h"
#include "tests/support/http/tcp.h"

namespace pipeline::e2e {
namespace {

const std::string kDigest(64, 'a');

class Stranger {
 public:
  explicit Stranger(unsigned seed) : random_(seed) {}

  std::string request(const std::string& token) {
    if (below(10) == 0) return bytes(below(300));
    static const std::array methods = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "X"};
    const std::string body = this->body();
    std::string text = pick(methods) + std::string(" ") + path() + " HTTP/1.1\r\nHost: x\r\n";
    if (below(7) != 0) text += "Authorization: Bearer " + token + "\r\n";
    return text + "Connection: close\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  template <class Choices>
  typename Choices::value_type pick(const Choices& choices) {
    return choices.at(below(choices.size()));
  }
  std::string bytes(std::size_t count) {
    std::string made(count, '\0');
    for (char& c : made) c = static_cast<char>(below(256));
    return made;
  }

  // Everything but what waits for work, which is answered when there is some.
  std::string path() {
    static const std::array paths = {std::string("/api/v1/runs"),
                                     std::string("/api/v1/runs/1"),
                                     std::string("/api/v1/runs/1/events"),
                                     std::string("/api/v1/runs/1/log"),
                                     std::string("/api/v1/runs/1/cancel"),
                                     std::string("/api/v1/agents"),
                                     std::string("/api/v1/agents/a/heartbeat"),
                                     std::string("/api/v1/agents/a/files"),
                                     std::string("/api/v1/agents/a/pause"),
                                     std::string("/api/v1/tokens"),
                                     std::string("/api/v1/tokens/x"),
                                     std::string("/api/v1/repositories"),
                                     "/api/v1/layers/" + kDigest,
                                     "/api/v1/blobs/" + kDigest,
                                     std::string("/git/shop/info/refs?service=git-upload-pack"),
                                     std::string("/git/shop/git-receive-pack"),
                                     std::string("/api/v1/trees/shop/git-upload-pack"),
                                     std::string("/healthz")};
    static const std::array queries = {"limit=-1",
                                       "limit=99999999999999999999",
                                       "after=x",
                                       "offset=18446744073709551615",
                                       "job=../../../etc/passwd",
                                       "service=git-receive-pack",
                                       "run=1&job=%00&attempt=1&fence=1&offset=0&file=..%2f.."};
    std::string path = pick(paths);
    constexpr std::string_view kOdd = "%/.?&= A0{}\"'<>\\~\t";
    for (std::size_t i = below(3); i > 0; --i) path[below(path.size())] = kOdd[below(kOdd.size())];
    if (below(3) == 0) path += std::string(below(2) == 0 ? "?" : "&") + pick(queries);
    return path;
  }

  std::string body() {
    static const std::array bodies = {std::string(),
                                      std::string("{}"),
                                      std::string("[]"),
                                      std::string("null"),
                                      std::string(R"({"name":"x"})"),
                                      std::string(R"({"name":3,"scopes":[1]})"),
                                      std::string(R"({"repository":"shop","params":{"a":1}})"),
                                      std::string(R"({"repository":"shop","ref":"--all"})"),
                                      std::string(R"({"agent":"a","labels":[null]})"),
                                      std::string(R"({"attempts":[{}]})"),
                                      std::string(5000, '['),
                                      std::string("0000")};
    return below(8) == 0 ? bytes(200) : pick(bodies);
  }

  std::minstd_rand random_;
};

TEST_F(Team, AnswersWhateverIsAskedAndGoesOn) {
  std::string token = product_.env()["PIPELINE_TOKEN"];
  token.erase(token.find_last_not_of('\n') + 1);
  const unsigned seed = std::random_device()();
  Stranger stranger(seed);
  const auto port = static_cast<std::uint16_t>(std::stoul(url().substr(url().rfind(':') + 1)));
  for (int i = 0; i < 3000; ++i) {
    const std::string asked = stranger.request(token);
    const host::UniqueFd connection = support::connect_to("127.0.0.1", port);
    ASSERT_TRUE(connection) << "seed " << seed;
    support::send_all(connection.get(), asked);
    // The rest of a head is waited for.
    if (asked.find("\r\n\r\n") == std::string::npos) continue;
    std::string buffer;
    support::HttpMessage answer;
    support::read_message(connection.get(), buffer, answer);
    ASSERT_FALSE((answer.head + buffer).starts_with("HTTP/1.1 5")) << "seed " << seed << "\n"
                                                                   << asked << "\n"
                                                                   << answer.head << answer.body;
  }
  EXPECT_EQ(run({"runs"}).exit_code, 0);
  EXPECT_EQ(stop_server().exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
